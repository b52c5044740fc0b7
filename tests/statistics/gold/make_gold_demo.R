# Gold values from R's survey package on a raked wave of the made-up survey. Run from this folder,
# after make_demo_wave.py: Rscript make_gold_demo.R
# Writes gold_demo.csv; columns as in gold.csv. Variances are those of calibrate() and postStratify():
# rake()'s unweighted residuals are not followed.
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 17)
stopifnot(packageVersion("survey") == "4.1.1")
wave <- read.csv("DEMO_wave.csv")
margins <- read.csv("DEMO_margins.csv")
items <- setdiff(names(wave), c("start", "age_sex", "part", "sex"))
wave$age_sex <- factor(wave$age_sex); wave$fpart <- factor(wave$part)
total <- function(name) margins$persons[margins$margin == name]
population <- c(sum(total("age_sex")), total("age_sex")[-1], total("part")[-1])
names(population) <- c("(Intercept)", paste0("age_sex", levels(wave$age_sex)[-1]), paste0("fpart", levels(wave$fpart)[-1]))
# blanks as 0, with a column that says who is in the base: shares as ratios of totals, since NA times
# the weight 0 of those outside a domain is NA in calibrated designs
for (item in items) {
  wave[[paste0("b_", item)]] <- as.numeric(!is.na(wave[[item]]))
  wave[[item]][is.na(wave[[item]])] <- 0
}
design <- svydesign(id = ~1, weights = ~start, data = wave)
exact <- function(...) calibrate(design, ~age_sex + fpart, population, epsilon = 1e-12, maxit = 500, ...)
designs <- list(demo_raked = exact(calfun = "raking"), demo_linear = exact(calfun = "linear"),
  demo_logit = exact(calfun = "logit", bounds = c(.2, 4)),
  demo_post = postStratify(design, ~age_sex, data.frame(age_sex = levels(wave$age_sex), Freq = total("age_sex"))))
gold <- list()
put <- function(subject, case, domain, key, statistic, value, rule) gold[[length(gold) + 1]] <<- data.frame(
  subject, case, psu = 0, domain, key = as.character(key), statistic,
  value = formatC(as.numeric(value), digits = 17, format = "g"), rule)
wilson <- function(p, se, df) {
  neff <- p * (1 - p) / se^2; t <- qt(.975, df)
  (p + t^2 / (2 * neff) + c(-1, 1) * t * sqrt(p * (1 - p) / neff + t^2 / (4 * neff^2))) / (1 + t^2 / neff)
}
for (case in names(designs)) {
  one <- designs[[case]]
  subject <- switch(case, demo_raked = "raking.rake", demo_post = "raking.post_stratify", "generalised.calibrate")
  for (i in c(1, 300, 900)) put(subject, case, "", i, "weight", weights(one)[i], "epsilon=1e-12")
  put(subject, case, "", "", "sum_of_squares", sum(weights(one)^2), "epsilon=1e-12")
  for (domain in c("", "sex_2", "part_8")) {
    for (item in items) {
      asked <- wave[[paste0("b_", item)]] == 1
      here <- asked & switch(domain, sex_2 = wave$sex == 2, part_8 = wave$part == 8, TRUE)
      inside <- subset(one, here)
      m <- svyratio(as.formula(paste0("~", item)), as.formula(paste0("~b_", item)), inside)
      p <- coef(m)[[1]]; se <- as.numeric(SE(m)); df <- sum(here) - 1
      rule <- "lonely=fail; df=n-1 (degf of the subset)"
      put("estimation.estimate_shares", case, domain, item, "estimate", p, rule)
      put("estimation.estimate_shares", case, domain, item, "se", se, rule)
      put("estimation.estimate_shares", case, domain, item, "df", df, rule)
      limits <- wilson(p, se, df)
      put("intervals.wilson", case, domain, item, "low", limits[1], "closed form from R's p, se, df")
      put("intervals.wilson", case, domain, item, "high", limits[2], "closed form from R's p, se, df")
    }
  }
}
write.csv(do.call(rbind, gold), "gold_demo.csv", row.names = FALSE, quote = TRUE)
