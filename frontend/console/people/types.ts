// People as the admins' page shows them.
import type { Account, Presence } from "../types.ts";

export interface Person extends Account { active: boolean; presence: Presence; load: number; last_seen: string | null }
export interface Invitation { id: number; name: string; role: string; login: string | null; created_at: string; expires_at: string; used_at: string | null }
export const ROLES = ["admin", "supervisor", "agent", "annotator", "viewer"];
