package mail

import "strings"

// common are the characters that make up about half of any Chinese prose, in both
// scripts. What is read in a wrong charset has next to none of them.
const common = "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于於着著下自之年过過发發后後作里裡用道行所然家种種事成方多经經么麼去法学學如都同" +
	"现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實日者意无無力它与與长長把机機十民第公此已工使情明性知全三又关關点點正业業外将將两兩高间間由问問很最重并" +
	"物手应應向头頭文体體政相见見被什二等或新己制身果加西月话話合回特代内內信表老给給世位次度门門先通教儿兒原东東声聲提立及比水名真论論处處走各入几幾口平气氣更别別打女四何少报報才再村乡鄉地田耕"

// leastFamiliar is the least of them that a text must have to be taken for Big5: GB18030
// reads almost anything.
const leastFamiliar = 20

// familiar is how many in a hundred of a text's Chinese characters are common ones.
func familiar(s string) int {
	han, known := 0, 0
	for _, r := range s {
		if r >= 0x4e00 && r <= 0x9fff {
			han++
			if strings.ContainsRune(common, r) {
				known++
			}
		}
	}
	return 100 * known / max(1, han)
}
