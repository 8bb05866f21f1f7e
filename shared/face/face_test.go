package face_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"

	"nod/shared/domain"
	"nod/shared/face"
	"nod/tests/permits"
)

func TestAScoreIsJudgedByTheEnterprisesSetting(t *testing.T) {
	for _, c := range []struct {
		score float64
		// the outcome at 1e-3, 1e-4 and 1e-5
		want [3]domain.Result
	}{
		{0, [3]domain.Result{"fail", "fail", "fail"}},
		{39.99, [3]domain.Result{"fail", "fail", "fail"}},
		{40, [3]domain.Result{"pass", "fail", "fail"}},
		{49.999999, [3]domain.Result{"pass", "fail", "fail"}},
		{50, [3]domain.Result{"pass", "pass", "fail"}},
		{59.99, [3]domain.Result{"pass", "pass", "fail"}},
		{60, [3]domain.Result{"pass", "pass", "pass"}},
		{100, [3]domain.Result{"pass", "pass", "pass"}},
	} {
		for i, setting := range []domain.FalseAccept{domain.OneIn1000, domain.OneIn10000, domain.OneIn100000} {
			if got := face.Judge(c.score, setting); got != (domain.Outcome{Result: c.want[i]}) {
				t.Errorf("%v at %s: %+v", c.score, setting, got)
			}
		}
	}
}

func TestAScoreThatIsNoneIsNoVerdict(t *testing.T) {
	garbled := domain.Inconclusive(domain.FaceAPIGarbled)
	for _, score := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -0.01, 100.01, 1e300} {
		if got := face.Judge(score, domain.OneIn1000); got != garbled {
			t.Errorf("%v: %+v", score, got)
		}
	}
	for _, setting := range []domain.FalseAccept{"", "1e-6", "1E-3", "0.001"} {
		if got := face.Judge(100, setting); got != garbled {
			t.Errorf("setting %q: %+v", setting, got)
		}
	}
}

type named struct{ name domain.Reason }

func (n named) Compare(context.Context, *domain.Permit, domain.Comparison) domain.Outcome {
	return domain.Inconclusive(n.name)
}

func (n named) Visit(context.Context, *domain.Permit, domain.Comparison, string) (domain.Visit, domain.Outcome) {
	return domain.Visit{}, domain.Inconclusive(n.name)
}

func (n named) Collect(context.Context, *domain.Permit, domain.Comparison) domain.Outcome {
	return domain.Inconclusive(n.name)
}

func TestATestEnterpriseNeverReachesTheRealAPI(t *testing.T) {
	both := face.ByMode{Live: named{"live"}, Test: named{"test"}}
	for _, mode := range []domain.Mode{domain.Live, domain.Test} {
		got := both.Compare(t.Context(), permits.For(permits.Want{Mode: mode}), domain.Comparison{})
		if got.Reason != domain.Reason(mode) {
			t.Errorf("%s: %+v", mode, got)
		}
		hosted := permits.Want{Mode: mode, Route: domain.Hosted}
		if _, got = both.Visit(t.Context(), permits.For(hosted), domain.Comparison{}, ""); got.Reason != domain.Reason(mode) {
			t.Errorf("%s: visit %+v", mode, got)
		}
		if got = both.Collect(t.Context(), permits.For(hosted), domain.Comparison{}); got.Reason != domain.Reason(mode) {
			t.Errorf("%s: collect %+v", mode, got)
		}
	}
}

func TestACredentialIsNeverShown(t *testing.T) {
	const secret = "AKIDverysecret"
	type config struct{ Key face.Redacted }
	var b bytes.Buffer
	for _, v := range []any{face.Redacted(secret), config{secret}, &config{secret}, []face.Redacted{secret}, map[string]face.Redacted{"k": secret}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&b, format, v)
		}
		raw, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		b.Write(raw)
		slog.New(slog.NewTextHandler(&b, nil)).Info("config", "c", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("config", "c", v)
	}
	if strings.Contains(b.String(), secret) || strings.Contains(b.String(), fmt.Sprintf("%x", secret)) {
		t.Error(b.String())
	}
	if string(face.Redacted(secret)) != secret {
		t.Error("it cannot be used any more")
	}
}
