package contract

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"nod/shared/runtime/lambda"
	"nod/shared/runtime/lambda/runtimeapi"
	"nod/shared/runtime/scf"
	"nod/shared/runtime/scf/scfrpc"
	"nod/shared/runtime/serve"
	"nod/tests/postgres"
)

const (
	host = "nod.example.com"

	// child makes this binary a function; its value is the runtime.
	child = "CONTRACT_RUNTIME"

	patience = 30 * time.Second // for one call, on a busy machine
)

// TestMain runs the tests, or is the function under test.
func TestMain(m *testing.M) {
	log := &ticks{}
	switch os.Getenv(child) {
	case "lambda":
		lambda.Start(handler(log), log.timer)
	case "lambda, traceless":
		lambda.StartTraceless(handler(log), log.timer)
	case "scf":
		scf.Start(handler(log), log.timer)
	case "maintain":
		os.Exit(maintain())
	}
	postgres.Main(m)
}

// lambdaLoops are the ways to receive events on Lambda. On SCF there is one.
var lambdaLoops = []string{"", ", traceless"}

func function(runtime string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), child+"="+runtime)
	return cmd
}

// A way is one way to the handler: a runtime, and what stands in front of it.
type way struct {
	name   string
	multi  bool
	client string // the address that the handler is to see
	do     func(*testing.T, call) answer
	log    func() string
}

// ways starts the three runtimes and returns all ways to them, net/http's first:
// that is the one that the others are compared with.
func ways(t *testing.T, timeout time.Duration) []way {
	all := []way{serveWay(t, timeout)}
	for _, loop := range lambdaLoops {
		onLambda := runtimeapi.Start(t, function("lambda"+loop))
		for _, g := range lambdaGateways {
			all = append(all, way{g.name + loop, g.multi, "203.0.113.7", func(t *testing.T, c call) answer {
				return eventAnswer(t, invokeLambda(t, onLambda, g.eventOf(t, c), timeout))
			}, onLambda.Log})
		}
	}
	onSCF := scfrpc.Start(t, function("scf"))
	for _, g := range scfGateways {
		all = append(all, way{g.name, g.multi, "203.0.113.7", func(t *testing.T, c call) answer {
			return eventAnswer(t, invokeSCF(t, onSCF, g.eventOf(t, c), timeout))
		}, onSCF.Log})
	}
	return all
}

func invokeLambda(t *testing.T, f *runtimeapi.Function, event []byte, timeout time.Duration) []byte {
	t.Helper()
	result, err := f.Invoke(event, timeout)
	if err != nil || result.Failed {
		t.Fatalf("%v %.300s\n%s", err, result.Payload, f.Log())
	}
	return result.Payload
}

func invokeSCF(t *testing.T, f *scfrpc.Function, event []byte, timeout time.Duration) []byte {
	t.Helper()
	result, err := f.Invoke(event, timeout)
	if err != nil || result.Error != nil {
		t.Fatalf("%v %+v\n%s", err, result.Error, f.Log())
	}
	return result.Payload
}

// serveWay runs shared/runtime/serve in this process, over real loopback HTTP.
func serveWay(t *testing.T, timeout time.Duration) way {
	address := startServe(t, serve.Options{Addr: "127.0.0.1:0", Timeout: timeout})
	client := &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(client.CloseIdleConnections)
	do := func(t *testing.T, c call) answer {
		t.Helper()
		uri := "http://" + address + c.path
		if c.query != "" {
			uri += "?" + c.query
		}
		r, err := http.NewRequestWithContext(t.Context(), c.method, uri, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.header != nil {
			r.Header = c.header.Clone()
		}
		r.Host = host
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return httpAnswer(t, response)
	}
	return way{"serve", true, "127.0.0.1", do, func() string { return "" }}
}

// startServe runs a server until the test is over and returns its address.
func startServe(t *testing.T, o serve.Options) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	started, ended := make(chan net.Addr, 1), make(chan error, 1)
	o.Started = func(a net.Addr) { started <- a }
	go func() { ended <- serve.Run(ctx, handler(&ticks{}), o) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with: %v", err)
		}
	})
	select {
	case address := <-started:
		return address.String()
	case err := <-ended:
		ended <- err
		t.Fatal(err)
		return ""
	}
}

// raw sends bytes to a server and returns the first line that comes back: for
// requests that no client would make.
func raw(t *testing.T, address, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, request)
	var protocol, status string
	if _, err := fmt.Fscan(conn, &protocol, &status); err != nil {
		t.Fatal(err)
	}
	return status
}
