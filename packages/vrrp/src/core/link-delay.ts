// `interface_up_down_delays`: an interface that goes down or comes up counts as such only when it
// has been so for a while (keepalived vrrp/vrrp_if.c). Decides what is believed of an interface,
// not what follows from it.

import type { InterfaceDelayConfig } from "@keepalived-ts/shared-config/schema/config";
import type { LinkFact } from "./event.js";
import type { Router } from "./instance.js";

/** From now on these delays count; a change that waits under one that is gone is believed. */
export function useLinkDelays(router: Router, delays: readonly InterfaceDelayConfig[]): void {
  router.linkDelays.clear();
  for (const delay of delays) router.linkDelays.set(delay.interface, delay);
}

/**
 * What is to be believed of an interface now that `link` was heard: everything but whether it runs
 * may change at once.
 */
export function believedLink(router: Router, link: LinkFact, now: number): LinkFact {
  const { links, linkDelays, linkTimers } = router;
  const { name, isRunning } = link;
  const believed = links.get(name);
  const delay = linkDelays.get(name);
  const isFlip = believed?.index === link.index && believed.isRunning !== isRunning;
  const delayUs = isRunning ? delay?.upDelayUs : delay?.downDelayUs;
  if (!isFlip || delayUs === undefined || delayUs === 0) {
    linkTimers.clear(name);
    return link;
  }
  // Other news of an interface that is on its way do not start the wait anew.
  if (linkTimers.at(name) === undefined) linkTimers.set(name, now + delayUs);
  return { ...link, isRunning: believed.isRunning };
}

/** The interface is gone: that counts at once. */
export function forgetLinkDelay(router: Router, name: string): void {
  router.linkTimers.clear(name);
}

/** The next interface whose wait is over at `now`, as it is believed to be from then on. */
export function takeDueLink({ links, linkTimers }: Router, now: number): LinkFact | undefined {
  for (;;) {
    const name = linkTimers.takeDue(now);
    if (name === undefined) return undefined;
    const link = links.get(name);
    if (link !== undefined) return { ...link, isRunning: !link.isRunning };
  }
}
