import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { wordsOf, type Words } from "../console/locales/index.ts";

const LANGUAGES = ["zh-CN", "en"];
const files: Record<string, Words> = {};
for (const language of LANGUAGES)
  for (const name of readdirSync(`console/locales/${language}`))
    files[`./${language}/${name}`] = JSON.parse(readFileSync(`console/locales/${language}/${name}`, "utf8")) as Words;

const keys = (words: Words, path = ""): string[] =>
  Object.entries(words).flatMap(([key, value]) => (typeof value === "object" ? keys(value, `${path}${key}.`) : [`${path}${key}`]));
const places = (words: Words): Record<string, string> =>
  Object.fromEntries(Object.entries(words).flatMap(([key, value]) => (typeof value === "object" ? Object.entries(places(value)).map(([k, v]) => [`${key}.${k}`, v]) : [[key, value]])));

test("both languages have the same words, with the same places in them", () => {
  const [chinese, english] = LANGUAGES.map((language) => wordsOf(language, files));
  assert.deepEqual(keys(english!).sort(), keys(chinese!).sort());
  const marks = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!).sort();
  const other = places(english!);
  for (const [key, text] of Object.entries(places(chinese!))) assert.deepEqual(marks(other[key]!), marks(text), key);
});

test("no word holds what the formatter takes for a command", () => {
  for (const language of LANGUAGES)
    for (const [key, text] of Object.entries(places(wordsOf(language, files)))) assert.ok(!/[@|]/.test(text.replaceAll("{'@'}", "")), key);
});

test("every intent of the domain has a name", () => {
  const domain = readFileSync("../domain.yml", "utf8");
  const block = domain.slice(domain.indexOf("\nintents:") + 9).split(/\n[a-z]/)[0]!;
  const intents = [...block.matchAll(/^- ([a-z_]+)/gm)].map((found) => found[1]!);
  assert.ok(intents.length > 40);
  for (const language of LANGUAGES) {
    const known = wordsOf(language, files).intent as Words;
    assert.deepEqual(intents.filter((name) => !(name in known)), [], language);
  }
});

test("every action and slot of the domain has a name", () => {
  const domain = readFileSync("../domain.yml", "utf8");
  const actions = [...domain.slice(domain.indexOf("\nactions:") + 9).split(/\n[a-z]/)[0]!.matchAll(/^- ([a-z_]+)/gm)].map((found) => found[1]!);
  const slots = [...domain.slice(domain.indexOf("\nslots:") + 7).split(/\n[a-z]/)[0]!.matchAll(/^ {2}([a-z_]+):/gm)].map((found) => found[1]!);
  const spoken = readdirSync("../data/responses").flatMap((name) => [...readFileSync(`../data/responses/${name}`, "utf8").matchAll(/^ {2}(utter_[a-z_]+):/gm)].map((found) => found[1]!));
  assert.ok(actions.length > 30 && slots.length > 15 && spoken.length > 15);
  for (const language of LANGUAGES) {
    const words = wordsOf(language, files);
    assert.deepEqual([...actions, ...spoken, "case_form"].filter((name) => !(name in ((words.action as Words) ?? {}))), [], language);
    assert.deepEqual(slots.filter((name) => !(name in ((words.slot as Words) ?? {}))), [], language);
  }
});

test("every rule of the policy engine and what it rests on has a name", () => {
  const codes = [...readFileSync("../aftercare/domain/decisions.py", "utf8").split("class Rule")[1]!.split("@dataclass")[0]!.matchAll(/= "([a-z_]+)"/g)].map((found) => found[1]!);
  const bases = ["policy.py", "policy_quality.py"].flatMap((name) => [...readFileSync(`../aftercare/domain/${name}`, "utf8").matchAll(/"([^"\n]*(?: art\. |merchant rule)[^"\n]*)"/g)].map((found) => found[1]!));
  const sources = [...readFileSync("../aftercare/domain/rules.yml", "utf8").matchAll(/^ +source: (.+)$/gm)].map((found) => found[1]!);
  assert.ok(codes.length > 35 && bases.length > 3 && sources.length > 4);
  for (const language of LANGUAGES) {
    const words = wordsOf(language, files);
    assert.deepEqual(codes.filter((name) => !(name in (words.rule as Words))), [], language);
    assert.deepEqual([...bases, ...sources].filter((name) => !(name in (words.basis as Words))), [], language);
  }
});

test("everything that is recorded has a name in the audit", () => {
  const sources = readdirSync("../aftercare/services", { recursive: true }).map(String).filter((name) => name.endsWith(".py"));
  const recorded = new Set(sources.flatMap((name) => [...readFileSync(`../aftercare/services/${name}`, "utf8").matchAll(/\brecord\(\s*\w+,\s*\w+,\s*"([a-z_.]+)"/g)].map((found) => found[1]!.replaceAll(".", "_"))));
  assert.ok(recorded.size > 40);
  const made = ["approve", "refuse", "receive_goods", "start_repair", "send_back", "finish"].map((name) => `case_${name}`);
  const others = ["approval_approved", "approval_declined", "assistant_train", "assistant_story", "model_promote", "model_rollback", "campaign_running"];
  for (const language of LANGUAGES) {
    const did = (wordsOf(language, files).audit as Words).did as Words;
    assert.deepEqual([...recorded, ...made, ...others].filter((name) => !(name in did)), [], language);
  }
});

test("what each rule of the trade rests on is said in both languages, in Chinese as the rules have it", () => {
  const source = readFileSync("../analytics/compliance/rules.yml", "utf8");
  const written = [...source.matchAll(/^ +basis: (.+)$/gm)].map((found) => found[1]!);
  const said = (language: string): string[] => Object.values((wordsOf(language, files).quality_basis as Words) ?? {}) as string[];
  assert.deepEqual([...said("zh-CN")].sort(), [...written].sort());
  assert.ok(said("en").every((text) => !/[\u4e00-\u9fff]/.test(text)));
});
