// A link to another place in the console: an ordinary link for a new tab or a middle click, otherwise no page load.
import type { ComponentChildren, JSX, Ref } from "preact";
import { address, navigate } from "./router";
import type { Route } from "./router";

interface LinkProps {
  route: Route;
  children: ComponentChildren;
  class?: string;
  current?: boolean | "page";
  label?: string;
  title?: string;
  inside?: Ref<HTMLAnchorElement>;
  /** Instead of going to the route. */
  onFollow?: () => void;
}

export function Link({ route, children, current, label, title, inside, onFollow, class: name }: LinkProps): JSX.Element {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (onFollow) onFollow();
    else navigate(route);
  };
  return (
    <a
      {...(inside ? { ref: inside } : {})}
      class={name}
      href={address(route)}
      aria-current={current === "page" ? "page" : current ? "true" : undefined}
      aria-label={label}
      title={title}
      onClick={follow}
    >
      {children}
    </a>
  );
}
