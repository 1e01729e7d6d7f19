// The page's policy lets in style elements with this answer's nonce alone. Naive UI's
// css-render makes its own and knows of no nonce, so each one made by script gets it;
// markup that somebody smuggles in is never made this way, and stays without.
export function allowOwnStyles(): void {
  const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce;
  if (!nonce) return;
  const make = document.createElement.bind(document) as (name: string, options?: ElementCreationOptions) => HTMLElement;
  document.createElement = ((name: string, options?: ElementCreationOptions): HTMLElement => {
    const made = make(name, options);
    if (made instanceof HTMLStyleElement) made.nonce = nonce;
    return made;
  }) as typeof document.createElement;
}
