import { createRouter, createWebHashHistory } from "vue-router";
import { may, session } from "./session.ts";

export const router = createRouter({
  history: createWebHashHistory("/console/"),
  routes: [
    { path: "/sign-in", component: () => import("./pages/SignIn.vue"), meta: { open: true } },
    { path: "/invite/:token", component: () => import("./pages/Invite.vue"), meta: { open: true } },
    { path: "/", redirect: "/inbox" },
    { path: "/inbox/:id?", component: () => import("./pages/Inbox.vue"), meta: { right: "inbox.view" } },
    { path: "/cases", component: () => import("./pages/Cases.vue"), meta: { right: "case.view" } },
    { path: "/review/:id?", component: () => import("./pages/Review.vue"), meta: { right: "review.view" } },
    { path: "/nlu", component: () => import("./pages/NluInbox.vue"), meta: { right: "review.annotate" } },
    { path: "/reports", component: () => import("./pages/Reports.vue"), meta: { right: "report.view" } },
    { path: "/people", component: () => import("./pages/People.vue"), meta: { right: "people.manage" } },
    { path: "/audit", component: () => import("./pages/Audit.vue"), meta: { right: "audit.view" } },
    { path: "/account", component: () => import("./pages/Account.vue") },
  ],
});

router.beforeEach((to) => {
  if (to.meta.open) return true;
  if (!session.info) return { path: "/sign-in", query: { to: to.fullPath } };
  if (!to.meta.right || may(String(to.meta.right))) return true;
  // Not one's own place: the first that is.
  const own = router.getRoutes().find((route) => route.meta.right && may(String(route.meta.right)));
  return own ? own.path.replace("/:id?", "") : "/account";
});
