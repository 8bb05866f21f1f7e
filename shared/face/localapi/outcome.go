package localapi

// An outcome is how a visit to the hosted page comes out, in the vendor's codes. A stage
// that was not reached has no code.
type outcome struct {
	word             string // in the page's form
	chinese, english string
	code             int
	live, compared   *int
	sim              string // the vendor's similarity, in text; none if nothing was compared
}

func stage(code int) *int { return &code }

// outcomes are what the person can choose from on the page.
var outcomes = []outcome{
	{"passed", "通过", "Passed", 0, stage(0), stage(0), "88.88"},
	{"not_live", "活体检测未通过", "Not a live person", 2011, stage(2011), nil, ""},
	{"face_mismatch", "人脸不匹配（相似度未达标）", "The face does not match", 2016, stage(0), stage(2016), "35.00"},
	{"name_mismatch", "姓名和身份证号不一致", "Name and ID number do not belong together", 2006, stage(0), stage(2006), ""},
	{"light", "光线太差", "The light is too poor", 1202, stage(1202), nil, ""},
	{"risk", "风险控制拦截", "Stopped by risk control", 1007, stage(1007), nil, ""},
	{"upgrading", "权威数据源升级中", "The authority's source is being upgraded", 2017, stage(0), stage(2017), ""},
}

// giveUp is the choice of somebody who goes back without having finished; the visit stays
// open.
const giveUp = "give_up"

// outcomeOf finds the outcome of a word, nil if there is none.
func outcomeOf(word string) *outcome {
	for i := range outcomes {
		if outcomes[i].word == word {
			return &outcomes[i]
		}
	}
	return nil
}
