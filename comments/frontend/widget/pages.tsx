// A list that the server gives page by page: asked for when it is shown, and on with its button. For what a reader opens.
import { Component, type VNode } from "preact";
import type { ThreadStore } from "./store";

interface State<Answer> {
  answers: Answer[];
  failed: boolean;
}

export abstract class Pages<Props extends { store: ThreadStore }, Answer extends { next_cursor: string | null }> extends Component<Props, State<Answer>> {
  override state: State<Answer> = { answers: [], failed: false };

  /** Where the pages are, without the cursor. */
  abstract path: string;

  override componentDidMount(): void {
    void this.more();
  }

  more = async (): Promise<void> => {
    const { answers } = this.state;
    const cursor = answers.at(-1)?.next_cursor;
    await this.props.store.call<Answer>(this.path + (cursor ? `&cursor=${encodeURIComponent(cursor)}` : "")).then(
      (answer) => this.setState({ answers: [...answers, answer], failed: false }),
      () => this.setState({ failed: true }),
    );
  };

  /** What stands below the list: that it is on its way or could not be had, or the button for more of it. */
  rest(): VNode | null {
    const { answers, failed } = this.state;
    const { words } = this.props.store;
    const last = answers.at(-1);
    if (!failed && last) return last.next_cursor === null ? null : <button class="button wide" onClick={this.more}>{words.t("thread.more")}</button>;
    return failed ? <p class="notice" role="alert">{words.t("thread.failed")} <button class="link" onClick={this.more}>{words.t("thread.again")}</button></p>
      : <div class="loading" />;
  }
}
