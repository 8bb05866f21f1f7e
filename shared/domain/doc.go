// Package domain holds the words of Nod and the rules between them.
//
// A person (Subject 个人) is asked by an Enterprise 企业用户 for a separate
// Consent 单独同意 to face recognition, on the strength of a Notice 告知 and a
// Delegation 委托记录. The LMS opens a Session 核验会话; the gate turns the state
// of one moment (Moment) into a Permit, or into a Refusal that says why not;
// with the Permit one Capture is compared, once; and every step leaves a Record.
//
// The package imports the standard library only and does no input or output.
// Its functions are pure but for the Moment or Charter they are handed: they
// change that value in memory and collect in it what has to be written, and the
// store writes all of it in one transaction or nothing at all.
package domain
