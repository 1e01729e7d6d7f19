// Every page brings its own words: one file per page and language, found here.
type Words = { [key: string]: string | Words };

/** All files of a language as one tree; files may add to the same group. */
export function wordsOf(language: string, files: Record<string, Words>): Words {
  const found: Words = {};
  for (const [path, words] of Object.entries(files)) if (path.startsWith(`./${language}/`)) merge(found, words);
  return found;
}

function merge(into: Words, from: Words): void {
  for (const [key, value] of Object.entries(from)) {
    const before = into[key];
    if (typeof value === "object" && typeof before === "object") merge(before, value);
    else into[key] = typeof value === "object" ? structuredClone(value) : value;
  }
}

export type { Words };
