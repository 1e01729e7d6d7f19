import { createApp } from "vue";
import { api } from "./api.ts";
import App from "./App.vue";
import { i18n } from "./i18n.ts";
import { router } from "./router.ts";
import { session } from "./session.ts";
import { allowOwnStyles } from "./styles.ts";
import type { SessionInfo } from "./types.ts";
import "./style.css";

allowOwnStyles();
try {
  session.info = await api.get<SessionInfo>("/session");
} catch {
  session.info = null; // not signed in: the router shows the way
}
createApp(App).use(i18n).use(router).mount("#app");
