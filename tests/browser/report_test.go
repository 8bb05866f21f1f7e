package browser

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"nod/shared/ledger/account"
)

// reports are pages of bundles: the one of an example, and one of a busy year.
func reports(t *testing.T) map[string][]byte {
	z, err := zip.OpenReader(filepath.Join("..", "verify", "testdata", "whole.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open("report.html")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	example, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"example": example, "busy": account.Page(busyYear())}
}

func busyYear() account.Facts {
	const id = "01920000-0000-7000-8000-00000000e000"
	begin := time.Date(2026, 1, 1, 1, 2, 3, 0, time.UTC)
	f := account.Facts{
		Enterprise: id, Names: map[string]string{"zh-CN": "示例学习有限公司", "en": "Example Learning Ltd"}, Origin: "nod.example.com/" + id,
		Size: 1_204_311, Root: "q1mVvCkXgI2Yh2pGd8WdC0Gz2c0gD3s0mQm1m0F1m2k=", Count: 1_204_311, Records: 1_204_311, Begin: begin, End: begin.AddDate(1, 0, 0),
		Filter: account.Filter{From: "2026-01-01T00:00:00.000Z", To: "2027-01-01T00:00:00.000Z"},
		Notices: []account.Notice{{ID: id, SHA256: strings.Repeat("0123456789abcdef", 4), Locale: "zh-CN", Version: 3, Purpose: "exam", Audience: "adult",
			Since: begin, Checks: 398_213}},
		Delegations: []account.Delegation{{ID: id, SHA256: strings.Repeat("0123456789abcdef", 4), Version: 1, Since: begin, Checks: 398_213}},
	}
	for n := range 365 {
		d := account.Day{Number: account.DayOf(begin) + n}
		for kind := range d.Counts {
			d.Counts[kind] = int64([]int{300, 21, 12, 4, 1000, 80, 40, 3, 1100, 9, 1, 2, 2}[kind] * (20 + (n*7)%13 + n/20) / 20)
			f.Totals[kind] += d.Counts[kind]
		}
		f.Days = append(f.Days, d)
	}
	f.Purposes = []account.Purpose{{Name: "exam", Counts: f.Totals}, {Name: "training"}}
	f.Checks.Started, f.Checks.Concluded = f.Totals[account.Started], f.Totals[account.Started]-1
	f.Checks.WithoutOutcome = account.Finding{N: 1, Named: []account.Named{{Place: 1_204_309, Record: id}}}
	return f
}

// A report is read on a phone, on a desk and on paper, by everybody.
func TestTheReportReadsOnAPhoneOnADeskAndOnPaper(t *testing.T) {
	program := string(axe.Files(t, func(name string) bool { return name == "axe.min.js" })["axe.min.js"])
	keep := os.Getenv("NOD_SCREENSHOTS")
	for name, text := range reports(t) {
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				t.Errorf("%s: it asks for %s", name, r.URL.Path)
			}
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write(text)
		}))
		t.Cleanup(site.Close)
		b := newTab(t, noCamera, "zh-CN")
		b.expects("favicon")
		for _, width := range []int64{360, 768, 1280} {
			b.do(chromedp.EmulateViewport(width, 900))
			b.open(site.URL)
			b.reads("示例学习有限公司", "对账", "Reconciliation")
			if over := eval[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
				t.Errorf("%s: at %d it is %d too wide", name, width, over)
			}
			if drawn := eval[int](b, "[...document.querySelectorAll('rect')].filter(r => r.getBoundingClientRect().height > 0).length"); drawn < 4 {
				t.Errorf("%s: at %d only %d bars are seen", name, width, drawn)
			}
			if keep != "" {
				b.must(os.WriteFile(filepath.Join(keep, fmt.Sprintf("report-%s-%d.png", name, width)), b.wholePage(), 0o644))
			}
			eval[any](b, program+";null")
			(&path{tab: b}).passesAxe(width)
		}
		paper := b.printed()
		if keep != "" {
			b.must(os.WriteFile(filepath.Join(keep, "report-"+name+".pdf"), paper, 0o644))
		}
		if !strings.HasPrefix(string(paper), "%PDF-") || len(paper) < 20_000 {
			t.Errorf("%s: it prints %d bytes", name, len(paper))
		}
	}
}

func (b *tab) wholePage() []byte {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	b.must(err)
	return picture
}

// printed is the page on A4, as its own style wants it.
func (b *tab) printed() []byte {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	yes := true
	r, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &yes, PrintBackground: &yes})
	b.must(err)
	return r.Data
}
