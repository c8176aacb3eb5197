// `@` in a text offers the people of the thread: those on the page at once, the others from the server. Around the field,
// so that keys pass here first; with no list open it takes none of them. A text field has no role that may expand: the
// list is named by aria-controls, its choice by aria-activedescendant, and how many there are is said.
import { Component, createRef, type ComponentChildren, type VNode } from "preact";
import type { Person } from "../shared/types";
import { Avatar } from "./person";
import type { ThreadStore } from "./store";

const MOST = 8;
const PATIENCE = 200; // milliseconds

export interface Asked {
  /** What stands behind the @, and where the @ stands. */
  query: string;
  start: number;
}

/** Is somebody being named where the text ends? Names may have two words. */
export function askedIn(before: string): Asked | null {
  const found = /(?:^|[^\p{L}\p{N}@])@([^\s@]{0,40}(?: [^\s@]{1,40})?)$/u.exec(before.slice(-90));
  return found && { query: found[1] as string, start: before.length - (found[1] as string).length - 1 };
}

const fold = (name: string): string => ` ${name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()}`;

/** Those of whose name a word begins so, each once. */
export function matching(people: Iterable<Person | null>, query: string, but: string | undefined): Person[] {
  const found = new Map<string, Person>();
  for (const person of people) {
    if (person?.name && person.id !== but && fold(person.name).includes(fold(query))) found.set(person.id, person);
    if (found.size === MOST) break;
  }
  return [...found.values()];
}

interface MentionsProps {
  store: ThreadStore;
  insert: (text: string, start: number, end: number) => void;
  children: ComponentChildren;
}

interface State {
  people: Person[];
  at: number;
}

export class Mentions extends Component<MentionsProps, State> {
  override state: State = { people: [], at: 0 };
  readonly #box = createRef<HTMLDivElement>();
  #start = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get #field(): HTMLTextAreaElement | null | undefined {
    return this.#box.current?.querySelector("textarea");
  }

  override componentWillUnmount(): void {
    clearTimeout(this.#timer);
  }

  override componentDidUpdate(): void {
    const open = this.state.people.length > 0;
    const say = (name: string, value: string): void => (open ? this.#field?.setAttribute(name, value) : this.#field?.removeAttribute(name));
    say("aria-controls", "people");
    say("aria-activedescendant", `person-${this.state.at}`);
    this.#box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  #close = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined; // who is still being asked for comes too late
    if (this.state.people.length) this.setState({ people: [] });
  };

  /** After every key and click: where does the cursor stand? */
  #look = (): void => {
    const field = this.#field;
    const asked = field && field.selectionStart === field.selectionEnd && askedIn(field.value.slice(0, field.selectionStart));
    if (!asked) return this.#close();
    const { store } = this.props;
    const { known, viewer } = store.thread;
    const { query } = asked;
    const here = matching([...known.values()].map(({ author }) => author), query, viewer?.id);
    this.#start = asked.start;
    this.setState({ people: here, at: 0 });
    clearTimeout(this.#timer);
    if (!viewer || (/ /.test(query) && !here.length)) return;
    this.#timer = setTimeout(async () => {
      const timer = this.#timer;
      const found = await store.call<{ people: Person[] }>(`${store.path}/people?q=${encodeURIComponent(query)}`).catch(() => null);
      if (found && timer === this.#timer && this.#field === store.mounting.root.activeElement) {
        this.setState({ people: matching([...here, ...found.people], "", viewer.id) });
      }
    }, PATIENCE);
  };

  #take(person: Person): void {
    this.props.insert(`@${person.name} `, this.#start, this.#field?.selectionEnd ?? 0);
    this.#close();
  }

  #press = (event: KeyboardEvent): void => {
    const { people, at } = this.state;
    const person = people[at];
    if (!person || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: people.length - 1 }[event.key];
    if (step) this.setState({ at: (at + step) % people.length });
    else if (event.key === "Enter" || event.key === "Tab") this.#take(person);
    else {
      if (event.key.length > 1) this.#close(); // the cursor goes elsewhere
      if (event.key !== "Escape") return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  override render({ store: { words }, children }: MentionsProps, { people, at }: State): VNode {
    return (
      <div class="field" ref={this.#box} onInput={this.#look} onClick={this.#look} onKeyDown={this.#press} onFocusOut={this.#close}>
        {children}
        {people.length > 0 && (
          <ol class="popup people" part="popup" id="people" role="listbox" aria-label={words.t("write.people")}>
            {people.map((person, n) => (
              <li key={person.id} id={`person-${n}`} role="option" aria-selected={n === at} onMouseDown={(event) => event.preventDefault()}
                onClick={(event) => {
                  event.stopPropagation();
                  this.#take(person);
                }}>
                <Avatar name={person.name} person={person} /><bdi>{person.name}</bdi>
              </li>
            ))}
          </ol>
        )}
        <span class="sr" role="status">{people.length > 0 && words.n("write.found", people.length)}</span>
      </div>
    );
  }
}
