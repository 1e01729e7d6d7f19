import { createRouter, createWebHashHistory } from "vue-router";
import { places } from "./places.ts";
import { may, session } from "./session.ts";

export const router = createRouter({
  history: createWebHashHistory("/console/"),
  routes: [
    { path: "/sign-in", component: () => import("./pages/SignIn.vue"), meta: { open: true } },
    { path: "/invite/:token", component: () => import("./pages/Invite.vue"), meta: { open: true } },
    { path: "/", redirect: "/inbox" },
    ...places.map((place) => ({ path: `/${place.name}${place.more ?? ""}`, component: place.page, meta: { right: place.right } })),
    { path: "/account", component: () => import("./pages/Account.vue") },
    // An old or mistyped address: the first place, not an empty page.
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

router.beforeEach((to) => {
  if (to.meta.open) return true;
  if (!session.info) return { path: "/sign-in", query: { to: to.fullPath } };
  if (!to.meta.right || may(String(to.meta.right))) return true;
  // Not one's own place: the first that is.
  const own = places.find((place) => may(place.right));
  return own ? `/${own.name}` : "/account";
});
