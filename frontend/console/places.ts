// The places of the console: a new page is its .vue file, its words in
// locales/<language>/<name>.json (with nav.<name>), and one line here.
export interface Place {
  name: string;
  /** The right that opens it; also decides whether the menu shows it. */
  right: string;
  page: () => Promise<unknown>;
  /** What follows the name in the address, such as "/:id?". */
  more?: string;
}

/** The menu's groups, in its order: to serve, to improve, to steer, to run. */
export const groups: Place[][] = [
  [
    { name: "inbox", right: "inbox.view", page: () => import("./pages/Inbox.vue"), more: "/:id?" },
    { name: "customers", right: "customer.view", page: () => import("./pages/Customers.vue"), more: "/:id?" },
    { name: "cases", right: "case.view", page: () => import("./pages/Cases.vue"), more: "/:id?" },
  ],
  [
    { name: "review", right: "review.view", page: () => import("./pages/Review.vue"), more: "/:id?" },
    { name: "nlu", right: "review.annotate", page: () => import("./pages/NluInbox.vue") },
    { name: "training", right: "review.annotate", page: () => import("./pages/Training.vue") },
    { name: "models", right: "model.view", page: () => import("./pages/Models.vue") },
    { name: "knowledge", right: "review.view", page: () => import("./pages/Knowledge.vue") },
  ],
  [
    { name: "reports", right: "report.view", page: () => import("./pages/Reports.vue") },
    { name: "alerts", right: "alert.view", page: () => import("./pages/Alerts.vue") },
    { name: "risk", right: "risk.judge", page: () => import("./pages/Risk.vue") },
    { name: "quality", right: "quality.own", page: () => import("./pages/Quality.vue") },
    { name: "satisfaction", right: "satisfaction.view", page: () => import("./pages/Satisfaction.vue") },
    { name: "returns", right: "returns.view", page: () => import("./pages/Returns.vue") },
    { name: "planning", right: "plan.view", page: () => import("./pages/Planning.vue") },
  ],
  [
    { name: "people", right: "people.manage", page: () => import("./pages/People.vue") },
    { name: "settings", right: "inbox.view", page: () => import("./pages/Settings.vue") },
    { name: "audit", right: "audit.view", page: () => import("./pages/Audit.vue") },
  ],
];

export const places: Place[] = groups.flat();
