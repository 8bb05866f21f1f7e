/** The state of a session, as its page last told it: a hint, never a proof. */
export type State =
  | 'open' | 'consented' | 'refused'
  | 'passed' | 'failed' | 'withdrawn' | 'expired' | 'cancelled' | 'alternative'

export interface CheckOptions {
  /** `page_url` of a session that your server has just opened. It opens once. */
  url: string
  /** Where to put the page; without it, in a dialog of its own. */
  container?: HTMLElement
}

export interface Nod {
  /**
   * Shows the page of a session and resolves with its state when the person is done or
   * has closed it. Where a frame cannot have a camera (in-app browsers), the browser
   * goes to the page instead, and comes back to the session's `return_url` with
   * `nod_session` and `nod_state` added; the promise is then never settled. It is rejected
   * if `url` is no http or https address.
   *
   * Grant nothing on the state: have your server fetch the session's assertion.
   */
  check(options: CheckOptions): Promise<State>
}

declare global {
  /** Loaded by `<script src="https://NOD/nod.js">`. */
  const Nod: Nod
  interface Window { Nod: Nod }
}
