package runtimeapi

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

const patience = 30 * time.Second

// TestMain runs the tests, or is the function that they start.
func TestMain(m *testing.M) {
	switch os.Getenv("RUNTIMEAPI_CHILD") {
	case "function":
		lambda.Start(behave)
	case "broken":
		os.Exit(1)
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
	case "deadline":
		<-ctx.Done()
	}
	return what, nil
}

func child(as string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "RUNTIMEAPI_CHILD="+as)
	return cmd
}

func TestFunctionAnswersOneEventAfterTheOther(t *testing.T) {
	t.Parallel()
	f := Start(t, child("function"))
	for _, what := range []string{`"a"`, `"b"`} {
		if result, err := f.Invoke([]byte(what), patience); err != nil || result.Failed || string(result.Payload) != what {
			t.Errorf("%s: %+v, %v", what, result, err)
		}
	}
	if result, err := f.Invoke([]byte(`"fail"`), patience); err != nil || !result.Failed || !strings.Contains(string(result.Payload), "failed") {
		t.Errorf("%+v, %v", result, err)
	}
	if result, err := f.Invoke([]byte(`"c"`), patience); err != nil || result.Failed {
		t.Errorf("after a failure: %+v, %v", result, err)
	}
}

func TestFunctionIsToldItsDeadline(t *testing.T) {
	t.Parallel()
	f := Start(t, child("function"))
	// The context ends with the time that the platform gives; it kills right then,
	// so either of them may be seen.
	if _, err := f.Invoke([]byte(`"deadline"`), time.Millisecond); err != nil && !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
}

func TestWhatTheRealOneRefusesIsRefused(t *testing.T) {
	t.Parallel()
	for what, want := range map[string]error{
		`"overrun"`:                            ErrTimeout,
		`"large"`:                              ErrAnswerTooLarge,
		`"` + strings.Repeat("x", Limit) + `"`: ErrEventTooLarge,
	} {
		limit := patience
		if want == ErrTimeout {
			limit = 10 * time.Millisecond
		}
		f := Start(t, child("function"))
		if _, err := f.Invoke([]byte(what), limit); !errors.Is(err, want) {
			t.Errorf("%.20s: %v, want %v", what, err, want)
		}
	}
}

func TestPanicEndsTheProcess(t *testing.T) {
	t.Parallel()
	f := Start(t, child("function"))
	if result, err := f.Invoke([]byte(`"panic"`), patience); err != nil || !result.Failed {
		t.Errorf("%+v, %v", result, err)
	}
	<-f.Ended()
	if _, err := f.Invoke([]byte(`"a"`), patience); !errors.Is(err, ErrEnded) {
		t.Errorf("%v", err)
	}
	if !strings.Contains(f.Log(), "panicked") {
		t.Errorf("log: %s", f.Log())
	}
}

func TestProgramThatEndsAtOnceIsNoticed(t *testing.T) {
	t.Parallel()
	f := Start(t, child("broken"))
	if _, err := f.Invoke([]byte(`"a"`), patience); !errors.Is(err, ErrEnded) {
		t.Errorf("%v", err)
	}
}
