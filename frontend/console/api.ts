// Requests to the console's API: one shape of error, the CSRF token on every change.
import { i18n } from "./i18n.ts";
import { session } from "./session.ts";

export class ApiError extends Error {
  constructor(readonly status: number, readonly reason: string, message: string, readonly body: Record<string, unknown>) {
    super(message);
  }
}

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  // Refusals are worded by the server, in the language of this page.
  const headers: Record<string, string> = { "accept-language": i18n.global.locale.value };
  if (body !== undefined && !(body instanceof FormData)) headers["content-type"] = "application/json";
  if (method !== "GET" && session.info) headers["x-csrf-token"] = session.info.csrf;
  const answer = await fetch(`/api${path}`, {
    method,
    headers,
    credentials: "same-origin",
    body: body === undefined ? undefined : body instanceof FormData ? body : JSON.stringify(body),
  });
  if (answer.status === 204) return undefined as T;
  const isJson = answer.headers.get("content-type")?.includes("json");
  const found: unknown = isJson ? await answer.json() : await answer.text();
  if (answer.ok) return found as T;
  const error = (isJson ? found : {}) as Record<string, unknown>;
  const reason = String(error.reason ?? `http_${answer.status}`);
  if (answer.status === 401 && reason === "unauthorised") session.info = null;
  throw new ApiError(answer.status, reason, String(error.message ?? reason), error);
}

export const api = {
  get: <T>(path: string, query: Record<string, unknown> = {}) => request<T>("GET", path + queryText(query)),
  post: <T>(path: string, body: unknown = {}) => request<T>("POST", path, body),
  put: <T>(path: string, body: unknown = {}) => request<T>("PUT", path, body),
  patch: <T>(path: string, body: unknown = {}) => request<T>("PATCH", path, body),
  remove: <T>(path: string) => request<T>("DELETE", path),
};

export function queryText(query: Record<string, unknown>): string {
  const kept = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return kept.length ? `?${new URLSearchParams(kept.map(([key, value]) => [key, String(value)])).toString()}` : "";
}
