package scale

import (
	"cmp"
	"slices"
)

// day is what so many checks in a day come to.
type day struct {
	checks float64

	rate      float64 // checks a second in the busiest hour
	uploads   float64 // images a second then, retakes included
	verifying float64 // instances of verify at work then
	instances float64 // and of all functions
	cores     float64 // of the database, at work then
	records   float64 // in a day
	stored    float64 // bytes that stay in the database, in a day
	ahead     float64 // bytes of its write-ahead log, in a day
	kept      float64 // bytes when the first Records are as old as they get
	lines     float64 // Records of a month's export

	calls, seconds float64 // of functions in a day: calls, GB-seconds
	logged         float64 // bytes of their logs
	received       float64 // bytes of images
}

const hour, month, gigabyte = 3600.0, 30.0, 1e9

// reckon is the model: arithmetic over figures, nothing else.
func (f *figures) reckon(checks float64) day {
	d := day{checks: checks}
	d.rate = checks * f.of("busiest_hour") / hour
	d.uploads = d.rate * (1 + f.of("retakes"))
	round := f.of("round_trip_ms") / 1e3
	verifying := f.of("face_s") + f.of("check_round_trips")*round + f.of("nod_cpu_ms")/1e3
	short := f.of("other_calls") * (f.of("other_round_trips")*round + f.of("nod_cpu_ms")/1e3)
	d.verifying = d.uploads * verifying
	d.instances = d.verifying + d.rate*short
	perCheck := f.of("session_db_cpu_ms") + f.of("decisions")*f.of("decision_db_cpu_ms") + (1+f.of("retakes"))*f.of("check_db_cpu_ms")
	d.cores = d.rate * perCheck / 1e3
	d.records = checks * f.of("records")
	d.stored = checks * (f.of("session_db_bytes") + f.of("decisions")*f.of("decision_db_bytes") + (1+f.of("retakes"))*f.of("check_db_bytes"))
	d.ahead = checks * f.of("wal_bytes")
	d.kept = d.stored * 365 * f.of("kept_years")
	d.lines = d.records * month
	d.calls = checks * (1 + f.of("retakes") + f.of("other_calls"))
	d.seconds = checks * ((1+f.of("retakes"))*verifying*f.of("verify_gb") + short*f.of("other_gb"))
	d.logged = d.calls * f.of("log_bytes")
	d.received = checks * (1 + f.of("retakes")) * f.of("image_bytes")
	return d
}

// limit is something that can give way: how much of it a day takes.
type limit struct {
	name  string
	share float64 // 1 is all of it
}

// limits are those of what is there before anybody asks for more, the fullest first.
func (f *figures) limits(d day) []limit {
	list := []limit{
		{"the face API's allowance", d.uploads / f.of("face_per_s")},
		{"instances at Tencent Cloud", d.verifying*f.of("verify_gb")*1e3/f.of("scf_mb") + (d.instances-d.verifying)*f.of("other_gb")*1e3/f.of("scf_mb")},
		{"instances at AWS", d.instances / f.of("lambda_instances")},
		{"connections of the database", d.instances / f.of("connections")},
		{"processors of the database", d.cores / f.of("cores")},
		{"placing Records, all enterprises", d.rate * f.of("records") / f.of("sequenced_per_s")},
		{"the database's disk, at the end", d.kept / (f.of("disk_gb") * gigabyte)},
	}
	slices.SortStableFunc(list, func(a, b limit) int { return cmp.Compare(b.share, a.share) })
	return list
}
