import { createI18n } from "vue-i18n";
import en from "./locales/en.json";
import zh from "./locales/zh-CN.json";

export const i18n = createI18n({
  legacy: false,
  locale: localStorage.getItem("console-language") ?? "zh-CN",
  fallbackLocale: "zh-CN",
  messages: { "zh-CN": zh, en: en as unknown as typeof zh },
  missingWarn: false,
  fallbackWarn: false,
});

export function chooseLanguage(language: "zh-CN" | "en"): void {
  i18n.global.locale.value = language;
  localStorage.setItem("console-language", language);
  document.documentElement.lang = language;
}
