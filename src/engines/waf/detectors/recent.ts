/** Answers about texts, kept for a while: the same values come again and again, and what was found in them is the same. */

const mostAnswers = 512;
const mostCharacters = 1_000_000;

export class RecentAnswers<T> {
  readonly #answer: (text: string) => T;
  readonly #known = new Map<string, T>();
  #characters = 0;

  /** @param answer depends on the text alone, and is never undefined */
  constructor(answer: (text: string) => T) {
    this.#answer = answer;
  }

  of(text: string): T {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= mostAnswers || this.#characters > mostCharacters) {
      this.#known.clear();
      this.#characters = 0;
    }
    const found = this.#answer(text);
    this.#known.set(text, found);
    this.#characters += text.length;
    return found;
  }
}
