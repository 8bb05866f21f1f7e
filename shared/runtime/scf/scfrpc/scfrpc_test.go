package scfrpc

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction"
)

const patience = 30 * time.Second

// TestMain runs the tests, or is the function that they start.
func TestMain(m *testing.M) {
	if os.Getenv("SCFRPC_CHILD") != "" {
		cloudfunction.Start(behave)
	}
	m.Run()
}

func behave(ctx context.Context, what string) (string, error) {
	switch what {
	case "fail":
		return "", errors.New("failed")
	case "large":
		return strings.Repeat("x", Limit), nil
	case "panic":
		panic("panicked")
	case "overrun":
		select {} // as a handler does that looks at no deadline
	case "exit":
		os.Exit(1)
	}
	return what, ctx.Err()
}

func child() *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SCFRPC_CHILD=1")
	return cmd
}

func TestFunctionAnswersOneEventAfterTheOther(t *testing.T) {
	t.Parallel()
	f := Start(t, child())
	for _, what := range []string{`"a"`, `"b"`} {
		if result, err := f.Invoke([]byte(what), patience); err != nil || result.Error != nil || string(result.Payload) != what {
			t.Errorf("%s: %+v, %v", what, result, err)
		}
	}
	for what, message := range map[string]string{`"fail"`: "failed", `"panic"`: "panicked"} {
		if result, err := f.Invoke([]byte(what), patience); err != nil || result.Error == nil || result.Error.Message != message {
			t.Errorf("%s: %+v, %v", what, result, err)
		}
	}
	if result, err := f.Invoke([]byte(`"c"`), patience); err != nil || result.Error != nil {
		t.Errorf("after a panic: %+v, %v", result, err)
	}
}

func TestWhatTheRealOneRefusesIsRefused(t *testing.T) {
	t.Parallel()
	for what, want := range map[string]error{
		`"overrun"`:                            ErrTimeout,
		`"large"`:                              ErrAnswerTooLarge,
		`"exit"`:                               ErrEnded,
		`"` + strings.Repeat("x", Limit) + `"`: ErrEventTooLarge,
	} {
		limit := patience
		if want == ErrTimeout {
			limit = 10 * time.Millisecond
		}
		f := Start(t, child())
		if _, err := f.Invoke([]byte(what), limit); !errors.Is(err, want) {
			t.Errorf("%.20s: %v, want %v", what, err, want)
		}
	}
}

func TestFunctionThatEndedIsReported(t *testing.T) {
	t.Parallel()
	f := Start(t, child())
	f.Invoke([]byte(`"overrun"`), time.Millisecond)
	<-f.Ended()
	if _, err := f.Invoke([]byte(`"a"`), patience); !errors.Is(err, ErrEnded) {
		t.Errorf("%v", err)
	}
}
