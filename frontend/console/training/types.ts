// What the routes of the training data send.
export interface Section { kind: string; name: string; count: number }
export interface DataFile { path: string; editable: boolean; sections: Section[] }
export interface Status { kind: "git" | "database"; branch: string; head: string; base: string; behind: boolean; pending: number }
export interface Example { kind: string; name: string; path: string; example: string; metadata: { author?: string; source?: string } | null }
export interface Edit { op: "add" | "remove" | "move" | "file"; kind?: string; name?: string; example?: string; to?: string; path?: string; text?: string | null }
export interface Problem { path: string; code: string; about: string; stops: boolean }
export interface Change { files: string[]; diff: string; problems: Problem[]; head?: string; left_out?: string[] }
export interface Version { id: string; author: string; at: string; message: string; source: string }
