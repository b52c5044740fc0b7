# Gold values of two pooled waves from R's survey package. Run from this folder:
# Rscript make_gold_pooled.R. Reads wave.csv: units with odd numbers are one wave, the others the
# next, which also weighs three times as much until each is given half of the total. Writes
# gold_pooled.csv.
suppressPackageStartupMessages(library(survey))
options(digits = 17)
wave <- read.csv("wave.csv")
wave$part <- ifelse(wave$psu %% 2 == 1, 1, 2)
wave$start <- wave$start * c(1, 3)[wave$part]
wave$trusting <- as.numeric(wave$trust >= 4)
put <- function(case, statistic, value) data.frame(case, statistic,
  value = formatC(as.numeric(value), digits = 17, format = "g"))
gold <- list()
total <- tapply(wave$start, wave$part, sum)
wave$half <- wave$start * mean(total) / 2 / total[wave$part]
for (case in c("persons", "units")) {
  ids <- if (case == "units") ~psu else ~1
  design <- svydesign(ids = ids, strata = ~interaction(part, stratum), weights = ~half, data = wave, nest = TRUE)
  found <- svymean(~trusting, design)
  women <- svymean(~trusting, subset(design, sex == 2))
  gold <- c(gold, list(put(case, "estimate", coef(found)), put(case, "se", SE(found)),
    put(case, "women", coef(women)), put(case, "women_se", SE(women))))
}
# each wave raked by itself to age and sex, 80 000 persons; then half of each
ages <- c(14000, 23000, 26000, 17000)
sexes <- c(40500, 39500)
wave$cell <- factor(wave$part)
wave$fage <- factor(wave$age)
wave$fsex <- factor(wave$sex)
design <- svydesign(ids = ~1, strata = ~interaction(part, stratum), weights = ~half, data = wave)
x <- model.matrix(~ cell + cell:fage + cell:fsex - 1, wave)
pop <- setNames(rep(0, ncol(x)), colnames(x))
for (k in 1:2) {
  pop[paste0("cell", k)] <- sum(ages) / 2
  for (a in 2:4) pop[paste0("cell", k, ":fage", a)] <- ages[a] / 2
  pop[paste0("cell", k, ":fsex2")] <- sexes[2] / 2
}
raked <- calibrate(design, ~ cell + cell:fage + cell:fsex - 1, pop, calfun = "raking", epsilon = 1e-12, maxit = 200)
found <- svymean(~trusting, raked)
gold <- c(gold, list(put("raked", "estimate", coef(found)), put("raked", "se", SE(found))))
write.csv(do.call(rbind, gold), "gold_pooled.csv", row.names = FALSE, quote = FALSE)
