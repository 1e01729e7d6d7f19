import { createI18n } from "vue-i18n";
import { wordsOf, type Words } from "./locales/index.ts";

const files = import.meta.glob<Words>("./locales/*/*.json", { eager: true, import: "default" });
const here = Object.fromEntries(Object.entries(files).map(([path, words]) => [path.replace("/locales", ""), words]));

export const i18n = createI18n({
  legacy: false,
  locale: localStorage.getItem("console-language") ?? "zh-CN",
  fallbackLocale: "zh-CN",
  messages: { "zh-CN": wordsOf("zh-CN", here), en: wordsOf("en", here) },
  missingWarn: false,
  fallbackWarn: false,
});

document.documentElement.lang = i18n.global.locale.value;

export function chooseLanguage(language: "zh-CN" | "en"): void {
  i18n.global.locale.value = language;
  localStorage.setItem("console-language", language);
  document.documentElement.lang = language;
}
