// Package contract holds what the runtimes promise each other: the same handler
// gives equal answers on SCF, on Lambda and on net/http. Its tests send every call
// through the real protocols: net/rpc to a process that runs shared/runtime/scf, a
// Runtime API to one that runs shared/runtime/lambda, and HTTP over loopback to
// shared/runtime/serve.
package contract
