# Gold values from R's survey package. Run from this folder: Rscript make_gold.R
# Writes the data sets (api_strat.csv, api_clus.csv, wave.csv, wave_replicates.csv) and gold.csv.
#
# gold.csv, one number per row:
#   subject   what of ours is checked: module.function
#   case      data set and design
#   psu       1 if the design has primary units of several elements
#   domain    the domain's name, empty for everyone
#   key       which of several numbers (level, variable, pair)
#   statistic estimate, se, df, low, high, p, ...
#   value     to 17 digits
#   rule      lonely-PSU option, rule for degrees of freedom, epsilon, or the formula used
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 17, width = 200)
stopifnot(packageVersion("survey") == "4.1.1")

gold <- list()
put <- function(subject, case, psu, domain, key, statistic, value, rule = "lonely=fail; df=degf") {
  value <- as.numeric(value)
  gold[[length(gold) + 1]] <<- data.frame(subject, case, psu, domain, key = as.character(key), statistic,
    value = formatC(value, digits = 17, format = "g"), rule)
}
save_csv <- function(frame, name) write.csv(frame, name, row.names = FALSE, quote = TRUE, na = "")

# ---------------------------------------------------------------- data
data(api)
api_columns <- c("stype", "pw", "fpc", "dnum", "awards", "sch.wide", "both", "api99", "api00", "enroll",
  "meals", "ell", "mobility", "yr.rnd")
api_strat <- apistrat[, api_columns]
api_clus <- apiclus1[, api_columns]
save_csv(api_strat, "api_strat.csv")
save_csv(api_clus, "api_clus.csv")

# A made-up wave: 5 strata of 12 primary units, unequal start weights, answers with blanks, one
# group that cuts across strata, one rare answer that nobody in group 3 gives.
set.seed(20240917)
n <- 900
wave <- data.frame(stratum = rep(1:5, each = 180), psu = rep(1:60, each = 15))
wave$age <- sample(1:4, n, TRUE, c(.15, .3, .35, .2))
wave$sex <- sample(1:2, n, TRUE, c(.55, .45))
wave$group <- sample(1:3, n, TRUE, c(.6, .3, .1))
wave$start <- round(c(40, 55, 30, 90, 60)[wave$stratum] * sample(1:3, n, TRUE, c(.5, .4, .1)) * runif(n, .8, 1.2), 3)
drift <- rnorm(60, 0, .35)[wave$psu]
likely <- plogis(-.4 + .25 * (wave$stratum - 3) + .5 * (wave$sex == 2) - .2 * wave$age + drift)
wave$unsafe <- rbinom(n, 1, likely)
wave$litter <- 1 + rbinom(n, 2, plogis(-.6 + .3 * wave$age / 2 + drift))
wave$trust <- 1 + rbinom(n, 4, plogis(.3 - .3 * wave$unsafe + .1 * wave$age + drift / 2))
wave$rare <- rbinom(n, 1, .02) * (wave$group != 3)
wave$income <- round(exp(rnorm(n, 3 + .1 * wave$age + .2 * (wave$sex == 1), .5)), 3)
wave$litter[sample(n, 40)] <- NA
wave$unsafe[sample(n, 25)] <- NA
targets <- list(
  stratum = c(12000, 15000, 9000, 26000, 18000),
  age = c(14000, 23000, 26000, 17000),
  sex = c(40500, 39500)
)
save_csv(wave, "wave.csv")

for (v in c("stratum", "age", "sex", "group")) wave[[paste0("f", v)]] <- factor(wave[[v]])
# Blanks as 0 (calibrated designs keep rows outside a subset, with weight 0, and NA times 0 is NA);
# used only where a subset leaves the blanks out.
wave$unsafe_known <- ifelse(is.na(wave$unsafe), 0, wave$unsafe)
wave$litter_known <- ifelse(is.na(wave$litter), 1, wave$litter)
wave$index <- rowMeans(cbind(25 * (wave$trust - 1), 50 * (3 - wave$litter)), na.rm = TRUE)
for (g in 1:3) { wave[[paste0("g", g)]] <- as.numeric(wave$group == g); wave[[paste0("u", g)]] <- wave$unsafe_known * (wave$group == g) }
population <- c(`(Intercept)` = 80000, fstratum2 = 15000, fstratum3 = 9000, fstratum4 = 26000, fstratum5 = 18000,
  fage2 = 23000, fage3 = 26000, fage4 = 17000, fsex2 = 39500)

designs <- list(
  api_strat = list(psu = 0, design = svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat),
    binary = ~I(as.numeric(sch.wide == "Yes")), domain = quote(awards == "No"), name = "awards_No"),
  api_clus = list(psu = 1, design = svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = apiclus1),
    binary = ~I(as.numeric(sch.wide == "Yes")), domain = quote(stype == "E"), name = "stype_E"))
plain <- svydesign(id = ~1, strata = ~stratum, weights = ~start, data = wave)
clustered <- svydesign(id = ~psu, strata = ~stratum, weights = ~start, data = wave)
weighted <- svydesign(id = ~1, weights = ~start, data = wave)
margins <- ~fstratum + fage + fsex
exact <- function(design, ...) calibrate(design, margins, population, epsilon = 1e-12, maxit = 200, ...)
raked <- exact(plain, calfun = "raking")
raked_clustered <- exact(clustered, calfun = "raking")
wave_designs <- list(wave_weights = list(0, weighted), wave_strata = list(0, plain), wave_psu = list(1, clustered),
  wave_raked = list(0, raked), wave_raked_psu = list(1, raked_clustered),
  wave_linear = list(0, exact(plain, calfun = "linear")),
  wave_logit = list(0, exact(plain, calfun = "logit", bounds = c(.3, 3))),
  wave_bounded = list(1, exact(clustered, calfun = "linear", bounds = c(.5, 1.6))))
wave_designs$wave_post <- list(0, postStratify(plain, ~age, data.frame(age = 1:4, Freq = targets$age)))

# ---------------------------------------------------------------- calibrated weights
for (case in c("wave_raked", "wave_linear", "wave_logit", "wave_bounded", "wave_post")) {
  w <- weights(wave_designs[[case]][[2]])
  subject <- c(wave_raked = "raking.rake", wave_linear = "generalised.calibrate", wave_logit = "generalised.calibrate",
    wave_bounded = "generalised.calibrate", wave_post = "raking.post_stratify")[[case]]
  rule <- "epsilon=1e-12"
  for (i in c(1, 250, 500, 900)) put(subject, case, wave_designs[[case]][[1]], "", i, "weight", w[i], rule)
  put(subject, case, wave_designs[[case]][[1]], "group_3", "", "total", sum(w[wave$group == 3]), rule)
  put(subject, case, 1, "", "", "sum_of_squares", sum(w^2), rule)
}
# continuous totals beside a margin
income_total <- 1.05 * sum(wave$start * wave$income) / sum(wave$start) * 80000
continuous <- calibrate(clustered, ~fsex + income, c(`(Intercept)` = 80000, fsex2 = 39500, income = income_total),
  calfun = "raking", epsilon = 1e-12, maxit = 200)
wave_designs$wave_continuous <- list(1, continuous)
for (i in c(1, 450, 900)) put("generalised.calibrate", "wave_continuous", 1, "", i, "weight", weights(continuous)[i], "epsilon=1e-12")
put("generalised.calibrate", "wave_continuous", 1, "", "", "income_total", income_total, "target")

# ---------------------------------------------------------------- shares, intervals
wilson <- function(p, se, df, level = .95) {
  neff <- p * (1 - p) / se^2; t <- qt((1 + level) / 2, df)
  (p + t^2 / (2 * neff) + c(-1, 1) * t * sqrt(p * (1 - p) / neff + t^2 / (4 * neff^2))) / (1 + t^2 / neff)
}
kg <- function(p, neff, n, df, level = .95) {
  a <- (1 - level) / 2
  m <- neff * (qt(a, n - 1) / qt(a, df))^2
  c(if (p == 0) 0 else qbeta(a, m * p, m * (1 - p) + 1), if (p == 1) 1 else qbeta(1 - a, m * p + 1, m * (1 - p)))
}
share_rows <- function(case, psu, domain, key, design, formula) {
  m <- svymean(formula, design, na.rm = TRUE)
  y <- model.frame(formula, model.frame(design), na.action = na.pass)[[1]]
  inside <- !is.na(y) & weights(design) > 0
  df <- degf(design[inside, ])
  p <- coef(m)[[1]]; se <- SE(m)[[1]]; n <- sum(inside)
  put("estimation.estimate_shares", case, psu, domain, key, "estimate", p)
  put("estimation.estimate_shares", case, psu, domain, key, "se", se)
  put("estimation.estimate_shares", case, psu, domain, key, "df", df)
  put("estimation.estimate_shares", case, psu, domain, key, "n", n)
  put("estimation.estimate_shares", case, psu, domain, key, "n_effective", p * (1 - p) / se^2, "p(1-p)/V")
  limits <- wilson(p, se, df)
  put("intervals.wilson", case, psu, domain, key, "low", limits[1], "closed form from R's p, se, degf")
  put("intervals.wilson", case, psu, domain, key, "high", limits[2], "closed form from R's p, se, degf")
  limits <- kg(p, p * (1 - p) / se^2, n, df)
  put("intervals.korn_graubard", case, psu, domain, key, "low", limits[1], "svyciprop's formula; n = persons in the base")
  put("intervals.korn_graubard", case, psu, domain, key, "high", limits[2], "svyciprop's formula; n = persons in the base")
  c(p = p, se = se, df = df, n = n)
}
for (case in names(designs)) with(designs[[case]], {
  share_rows(case, psu, "", "sch.wide", design, binary)
  inside <- subset(design, eval(designs[[case]]$domain, design$variables))
  share_rows(case, psu, name, "sch.wide", inside, binary)
  # svyciprop itself, to hold the script's own formula to it
  ci <- confint(svyciprop(~I(sch.wide == "Yes"), inside, method = "beta"))
  put("intervals.korn_graubard", case, psu, name, "sch.wide", "low", ci[1], "svyciprop(method=beta)")
  put("intervals.korn_graubard", case, psu, name, "sch.wide", "high", ci[2], "svyciprop(method=beta)")
})
sides <- list()
for (case in names(wave_designs)) {
  psu <- wave_designs[[case]][[1]]; design <- wave_designs[[case]][[2]]
  for (domain in c("", "group_2", "group_3", "stratum_4")) {
    inside <- switch(paste0("_", domain), "_" = design, "_group_2" = subset(design, group == 2), "_group_3" = subset(design, group == 3),
      "_stratum_4" = subset(design, stratum == 4))
    sides[[paste(case, domain)]] <- share_rows(case, psu, domain, "unsafe", inside, ~unsafe)
    share_rows(case, psu, domain, "litter_3", inside, ~I(as.numeric(litter == 3)))
  }
  # a share of 0: the variance is 0, the interval takes Kish's design effect of the domain
  inside <- wave$group == 3; w <- weights(design)[inside]
  kish <- max(1, length(w) * sum(w^2) / sum(w)^2)
  df <- degf(subset(design, group == 3))
  limits <- kg(0, length(w) / kish, length(w), df)
  put("estimation.estimate_shares", case, psu, "group_3", "rare", "high", limits[2], "Korn-Graubard on n/max(1, Kish), degf")
}

# ---------------------------------------------------------------- covariance
# (svyby(covmat=TRUE) fails on subsets of calibrated designs in 4.1-1: shares of groups as functions of totals)
by_group <- function(design) svycontrast(svytotal(~u1 + u2 + u3 + g1 + g2 + g3, design),
  list(g1 = quote(u1 / g1), g2 = quote(u2 / g2), g3 = quote(u3 / g3)))
for (case in c("wave_strata", "wave_psu", "wave_raked", "wave_raked_psu")) {
  psu <- wave_designs[[case]][[1]]
  complete <- subset(wave_designs[[case]][[2]], !is.na(unsafe) & !is.na(litter))
  for (domain in c("", "group_2")) {
    inside <- if (domain == "") complete else subset(complete, group == 2)
    v <- vcov(svymean(~unsafe_known + I(as.numeric(litter_known == 3)) + I(as.numeric(trust >= 4)), inside))
    for (i in 1:3) for (j in i:3) put("estimation.covariance_of_shares", case, psu, domain, paste(i, j), "covariance", v[i, j])
  }
  v <- vcov(by_group(complete))
  for (i in 1:3) for (j in i:3) put("covariance.covariance_of_answers", case, psu, "by group", paste(i, j), "covariance", v[i, j])
}

# ---------------------------------------------------------------- differences
mover <- function(a, b, r, level, interval) {
  la <- interval(a, level); lb <- interval(b, level); d <- a[["p"]] - b[["p"]]
  x <- a[["p"]] - la[1]; y <- lb[2] - b[["p"]]; u <- la[2] - a[["p"]]; v <- b[["p"]] - lb[1]
  c(d - sqrt(max(0, x^2 + y^2 - 2 * r * x * y)), d + sqrt(max(0, u^2 + v^2 - 2 * r * u * v)))
}
rule_interval <- function(s, level) {
  p <- s[["p"]]; neff <- p * (1 - p) / s[["se"]]^2
  if (s[["n"]] < 100) kg(p, neff, s[["n"]], s[["df"]], level) else wilson(p, s[["se"]], s[["df"]], level)
}
mover_p <- function(a, b, r) {
  d <- a[["p"]] - b[["p"]]
  reach <- function(z) { l <- mover(a, b, r, 1 - 2 * pnorm(-z), rule_interval); if (d > 0) l[1] else -l[2] }
  2 * pnorm(-uniroot(reach, c(1e-6, 8), tol = 1e-12)$root)
}
for (case in c("wave_strata", "wave_psu", "wave_raked", "wave_raked_psu")) {
  psu <- wave_designs[[case]][[1]]; design <- wave_designs[[case]][[2]]
  known <- subset(design, !is.na(unsafe))
  by <- by_group(known); v <- vcov(by)
  for (second in 2:3) {
    a <- sides[[paste(case, "group_2")]]
    whole <- share_one <- NULL
    one <- subset(known, group == 1); m <- svymean(~unsafe_known, one)
    a <- c(p = coef(m)[[1]], se = SE(m)[[1]], df = degf(one), n = sum(weights(one) > 0))
    b <- sides[[paste(case, paste0("group_", second))]]
    difference <- svycontrast(by, setNames(c(1, -1), c("g1", paste0("g", second))))
    r <- v[1, second] / sqrt(v[1, 1] * v[second, second])
    limits <- mover(a, b, r, .95, rule_interval)
    key <- paste("1 -", second); domain <- "groups"
    put("comparison.compare_groups", case, psu, domain, key, "difference", coef(difference))
    put("covariance.contrast", case, psu, domain, key, "difference", coef(difference))
    put("covariance.contrast", case, psu, domain, key, "se", SE(difference), "svycontrast")
    df <- degf(known); t <- coef(difference) / SE(difference)
    put("covariance.contrast", case, psu, domain, key, "p", 2 * pt(-abs(t), df), "t test, degf of all groups")
    put("comparison.compare_groups", case, psu, domain, key, "se", SE(difference), "svycontrast")
    put("comparison.compare_groups", case, psu, domain, key, "low", limits[1], "MOVER from R's p, se, degf, covariance")
    put("comparison.compare_groups", case, psu, domain, key, "high", limits[2], "MOVER from R's p, se, degf, covariance")
    put("comparison.compare_groups", case, psu, domain, key, "p", mover_p(a, b, r), "inverted MOVER, uniroot")
  }
}
# each group against all the others
for (case in c("wave_strata", "wave_psu", "wave_raked", "wave_raked_psu")) {
  psu <- wave_designs[[case]][[1]]; design <- wave_designs[[case]][[2]]
  known <- subset(design, !is.na(unsafe))
  for (g in 1:3) {
    known <- update(known, gi = as.numeric(group == g), go = as.numeric(group != g),
      ui = unsafe_known * (group == g), uo = unsafe_known * (group != g))
    both <- svycontrast(svytotal(~ui + uo + gi + go, known), list(a = quote(ui / gi), b = quote(uo / go)))
    v <- vcov(both)
    side <- function(part, i) c(p = coef(both)[[i]], se = sqrt(v[i, i]), df = degf(part), n = sum(weights(part) > 0))
    a <- side(subset(known, group == g), 1); b <- side(subset(known, group != g), 2)
    r <- v[1, 2] / sqrt(v[1, 1] * v[2, 2]); limits <- mover(a, b, r, .95, rule_interval)
    for (name in c("difference", "se", "low", "high", "p")) put("rest.compare_with_rest", case, psu, "groups", g, name,
      switch(name, difference = a[["p"]] - b[["p"]], se = sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2]), low = limits[1],
        high = limits[2], p = mover_p(a, b, r)), "contrast of ratios of totals; MOVER from R's p, se, degf, covariance")
  }
}
# each group of one sex against everyone else of that sex, also as the coefficient of a regression
for (case in c("wave_strata", "wave_psu", "wave_raked", "wave_raked_psu")) for (own in 1:2) {
  psu <- wave_designs[[case]][[1]]; domain <- paste0("sex_", own)
  known <- subset(wave_designs[[case]][[2]], !is.na(unsafe) & sex == own)
  for (g in 1:3) {
    known <- update(known, gi = as.numeric(group == g), go = as.numeric(group != g),
      ui = unsafe_known * (group == g), uo = unsafe_known * (group != g))
    both <- svycontrast(svytotal(~ui + uo + gi + go, known), list(a = quote(ui / gi), b = quote(uo / go)))
    v <- vcov(both)
    side <- function(part, i) c(p = coef(both)[[i]], se = sqrt(v[i, i]), df = degf(part), n = sum(weights(part) > 0))
    a <- side(subset(known, group == g), 1); b <- side(subset(known, group != g), 2)
    r <- v[1, 2] / sqrt(v[1, 1] * v[2, 2]); limits <- mover(a, b, r, .95, rule_interval)
    for (name in c("difference", "se", "low", "high", "p")) put("parts.compare_parts", case, psu, domain, g, name,
      switch(name, difference = a[["p"]] - b[["p"]], se = sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2]), low = limits[1],
        high = limits[2], p = mover_p(a, b, r)), "contrast of ratios of totals; MOVER from R's p, se, degf, covariance")
    slope <- svyglm(unsafe_known ~ gi, known)
    put("parts.compare_parts", case, psu, domain, g, "difference_glm", coef(slope)[["gi"]], "svyglm, gaussian")
    put("parts.compare_parts", case, psu, domain, g, "se_glm", SE(slope)[["gi"]], "svyglm, gaussian")
  }
}
for (pair in list(c("wave_strata ", "wave_raked "), c("wave_psu group_2", "wave_raked_psu group_3"), c("wave_strata group_3", "wave_psu group_2"))) {
  a <- sides[[pair[1]]]; b <- sides[[pair[2]]]
  limits <- mover(a, b, 0, .95, rule_interval)
  key <- paste(pair, collapse = " - "); psu <- as.numeric(grepl("psu", key)); domain <- if (grepl("group", key)) "groups" else ""
  put("comparison.compare_independent", "wave", psu, domain, key, "difference", a[["p"]] - b[["p"]])
  put("comparison.compare_independent", "wave", psu, domain, key, "se", sqrt(a[["se"]]^2 + b[["se"]]^2))
  put("comparison.compare_independent", "wave", psu, domain, key, "low", limits[1], "MOVER, r = 0")
  put("comparison.compare_independent", "wave", psu, domain, key, "high", limits[2], "MOVER, r = 0")
  put("comparison.compare_independent", "wave", psu, domain, key, "p", mover_p(a, b, 0), "inverted MOVER, uniroot")
}
p <- c(.001, .02, .021, .3, .04, .9)
for (i in seq_along(p)) for (design in 0:1) {
  put("comparison.adjust", "fixed", design, "family", i, "list", p.adjust(p, "BH")[i], "p.adjust(BH)")
  put("comparison.adjust", "fixed", design, "family", i, "named", p.adjust(p, "holm")[i], "p.adjust(holm)")
}

# ---------------------------------------------------------------- lonely primary units
lonely <- wave[!(wave$stratum == 1 & wave$psu > 1), ]
for (policy in c("certainty", "adjust", "average")) {
  options(survey.lonely.psu = policy)
  design <- svydesign(id = ~psu, strata = ~stratum, weights = ~start, data = lonely)
  for (domain in c("", "group_2")) {
    inside <- if (domain == "") design else subset(design, group == 2)
    m <- svymean(~unsafe, inside, na.rm = TRUE); total <- svytotal(~income, inside)
    rule <- paste0("lonely=", policy, "; df=degf")
    put("design.lonely_psu", "wave_lonely", 1, domain, policy, "mean", coef(m), rule)
    put("design.lonely_psu", "wave_lonely", 1, domain, policy, "mean_se", SE(m), rule)
    put("design.lonely_psu", "wave_lonely", 1, domain, policy, "total_se", SE(total), rule)
  }
}
options(survey.lonely.psu = "fail")

# ---------------------------------------------------------------- means, totals, ratios, quantiles
for (case in c("wave_weights", "wave_strata", "wave_psu", "wave_raked", "wave_raked_psu", "wave_continuous")) {
  psu <- wave_designs[[case]][[1]]; design <- wave_designs[[case]][[2]]
  # calibrated to its own total, income has no variance over everyone in wave_continuous
  for (domain in if (case == "wave_continuous") "group_2" else c("", "group_2")) {
    inside <- if (domain == "") design else subset(design, group == 2)
    df <- degf(inside); t <- qt(.975, df)
    rows <- function(subject, key, m) {
      put(subject, case, psu, domain, key, "estimate", coef(m)); put(subject, case, psu, domain, key, "se", SE(m))
      put(subject, case, psu, domain, key, "low", coef(m) - t * SE(m), "Wald, t of degf")
      put(subject, case, psu, domain, key, "high", coef(m) + t * SE(m), "Wald, t of degf")
    }
    rows("estimands.estimate_means", "income", svymean(~income, inside))
    rows("estimands.estimate_means", "trust", svymean(~trust, inside))
    rows("estimands.estimate_totals", "income", svytotal(~income, inside))
    rows("estimands.estimate_totals", "unsafe", svytotal(~I(as.numeric(!is.na(unsafe) & unsafe == 1)), inside))
    rows("estimands.estimate_ratios", "income/trust", svyratio(~income, ~trust, inside))
    put("estimands.estimate_means", case, psu, domain, "income", "deff", deff(svymean(~income, inside, deff = "replace")), "deff=replace")
    rows("estimands.index_scores", "index", svymean(~index, inside))
    for (q in c(.25, .5, .9)) {
      found <- svyquantile(~income, inside, q, interval.type = "mean", qrule = "math", df = df)$income
      put("estimands.estimate_quantiles", case, psu, domain, q, "estimate", found[1, 1], "qrule=math")
      put("estimands.estimate_quantiles", case, psu, domain, q, "low", found[1, 2], "interval.type=mean (Woodruff), degf")
      put("estimands.estimate_quantiles", case, psu, domain, q, "high", found[1, 3], "interval.type=mean (Woodruff), degf")
      put("estimands.estimate_quantiles", case, psu, domain, q, "se", found[1, 4], "interval length / 2t")
    }
  }
}
for (case in names(designs)) with(designs[[case]], {
  m <- svymean(~api00, design); total <- svytotal(~enroll, design, na.rm = TRUE); ratio <- svyratio(~api00, ~api99, design)
  put("estimands.estimate_means", case, psu, "", "api00", "estimate", coef(m)); put("estimands.estimate_means", case, psu, "", "api00", "se", SE(m))
  put("estimands.estimate_totals", case, psu, "", "enroll", "estimate", coef(total)); put("estimands.estimate_totals", case, psu, "", "enroll", "se", SE(total))
  put("estimands.estimate_ratios", case, psu, "", "api00/api99", "estimate", coef(ratio)); put("estimands.estimate_ratios", case, psu, "", "api00/api99", "se", SE(ratio))
})

for (case in c("wave_strata", "wave_psu", "wave_raked", "wave_raked_psu")) {
  psu <- wave_designs[[case]][[1]]
  known <- subset(wave_designs[[case]][[2]], !is.na(unsafe))
  by <- by_group(known); df <- degf(known)
  d <- c(coef(by)[2] - coef(by)[1], coef(by)[3] - coef(by)[1]); m <- rbind(c(-1, 1, 0), c(-1, 0, 1))
  f <- drop(d %*% solve(m %*% vcov(by) %*% t(m), d)) / 2 * (df - 1) / df
  put("association.wald", case, psu, "groups", "equal", "f", f, "adjusted Wald from R's estimates and vcov")
  put("association.wald", case, psu, "groups", "equal", "p", pf(f, 2, df - 1, lower.tail = FALSE), "adjusted Wald from R's estimates and vcov")
}

# ---------------------------------------------------------------- Rao-Scott and Wald tests
for (case in c("wave_strata", "wave_psu", "wave_raked", "wave_raked_psu")) {
  psu <- wave_designs[[case]][[1]]; design <- wave_designs[[case]][[2]]
  for (domain in c("", "group_12")) {
    inside <- subset(design, !is.na(unsafe) & !is.na(litter))
    if (domain != "") inside <- subset(inside, group < 3)
    for (pair in c("unsafe_known fsex", "litter_known fage")) {
      formula <- as.formula(paste("~", sub(" ", " + ", pair)))
      second <- svychisq(formula, inside, statistic = "F"); first <- svychisq(formula, inside, statistic = "Chisq")
      # svychisq counts persons outside a subset of a calibrated design in n and nu; the table's own here
      rule <- "svychisq(statistic=F), nu=degf and n of the table"
      n_table <- sum(weights(inside) > 0); n_all <- nrow(inside); nu <- degf(inside)
      put("association.rao_scott", case, psu, domain, pair, "f", second$statistic, rule)
      put("association.rao_scott", case, psu, domain, pair, "f_df", second$parameter[1], rule)
      put("association.rao_scott", case, psu, domain, pair, "f_df_residual", second$parameter[1] * nu, rule)
      put("association.rao_scott", case, psu, domain, pair, "p", pf(second$statistic, second$parameter[1], second$parameter[1] * nu, lower.tail = FALSE), rule)
      put("association.rao_scott", case, psu, domain, pair, "pearson", first$statistic * n_table / n_all, rule)
      put("association.rao_scott", case, psu, domain, pair, "p_first_order", first$p.value, "svychisq(statistic=Chisq)")
    }
  }
}

# ---------------------------------------------------------------- regression
marginal <- function(fit, design, variable, values = c(0, 1)) {  # average marginal effect of one value -> another and its two standard errors
  frame <- model.frame(design); w <- weights(design); link <- fit$family$linkinv; terms <- delete.response(terms(fit))
  effects <- function(beta) {
    one <- zero <- frame; one[[variable]][] <- values[2]; zero[[variable]][] <- values[1]
    drop(link(model.matrix(terms, one) %*% beta) - link(model.matrix(terms, zero) %*% beta))
  }
  m <- effects(coef(fit)); average <- sum(w * m) / sum(w)
  slope <- numDeriv::grad(function(beta) sum(w * effects(beta)) / sum(w), coef(fit))
  z <- model.matrix(fit) * resid(fit, "working") * fit$weights
  z <- drop(z %*% summary.glm(fit)$cov.unscaled %*% slope) + w * (m - average) / sum(w)
  v <- survey:::svyrecvar(z, design$cluster, design$strata, design$fpc, postStrata = design$postStrata)
  c(average, sqrt(drop(slope %*% vcov(fit) %*% slope)), sqrt(v))
}
for (case in c("wave_weights", "wave_strata", "wave_psu", "wave_raked", "wave_raked_psu")) {
  psu <- wave_designs[[case]][[1]]; design <- update(wave_designs[[case]][[2]], woman = as.numeric(sex == 2))
  for (domain in c("", "group_12")) {
    inside <- subset(design, !is.na(unsafe)); if (domain != "") inside <- subset(inside, group < 3)
    logistic <- svyglm(unsafe_known ~ woman + age + income, inside, family = quasibinomial, control = glm.control(epsilon = 1e-14, maxit = 100))
    linear <- svyglm(income ~ woman + age + trust, inside)
    for (name in names(coef(logistic))) {
      put("regression.logistic", case, psu, domain, name, "p", summary(logistic, df.resid = degf(inside) + 1 - 4)$coefficients[name, 4], "df=degf+1-p")
      put("regression.logistic", case, psu, domain, name, "estimate", coef(logistic)[name]); put("regression.logistic", case, psu, domain, name, "se", sqrt(diag(vcov(logistic)))[name])
    }
    for (name in names(coef(linear))) {
      put("regression.linear", case, psu, domain, name, "estimate", coef(linear)[name]); put("regression.linear", case, psu, domain, name, "se", sqrt(diag(vcov(linear)))[name])
    }
    m <- marginal(logistic, inside, "woman")
    put("regression.average_effects", case, psu, domain, "woman", "estimate", m[1], "weighted mean of linkinv differences")
    put("regression.average_effects", case, psu, domain, "woman", "se", m[3], "svyrecvar of the influence values, persons sampled too")
    put("regression.average_effects", case, psu, domain, "woman", "se_fixed", m[2], "delta method, persons held fixed; numDeriv")
    # four classes against the second of them, a yes/no variable held equal
    classes <- update(inside, fage = relevel(factor(age), "2"))
    logistic <- svyglm(unsafe_known ~ fage + woman, classes, family = quasibinomial, control = glm.control(epsilon = 1e-14, maxit = 100))
    for (k in c("1", "3", "4")) {
      m <- marginal(logistic, classes, "fage", c("2", k))
      put("regression.average_effects", case, psu, domain, paste("age", k), "estimate", m[1], "weighted mean of linkinv differences")
      put("regression.average_effects", case, psu, domain, paste("age", k), "se", m[3], "svyrecvar of the influence values, persons sampled too")
      put("regression.average_effects", case, psu, domain, paste("age", k), "se_fixed", m[2], "delta method, persons held fixed; numDeriv")
    }
  }
}

# ---------------------------------------------------------------- replicates
jackknife <- as.svrepdesign(clustered, type = "JKn")
jackknife_raked <- calibrate(jackknife, margins, population, calfun = "raking", epsilon = 1e-12, maxit = 200)
set.seed(7)
bootstrap <- as.svrepdesign(clustered, type = "subbootstrap", replicates = 40, compress = FALSE)
factors <- weights(bootstrap, "replication")   # the same for all persons of a unit
save_csv(data.frame(psu = 1:60, factors[match(1:60, wave$psu), ]), "wave_replicates.csv")
stopifnot(isTRUE(all.equal(bootstrap$scale * bootstrap$rscales, rep(1 / 39, 40))))
for (case in c("jackknife", "jackknife_raked", "bootstrap")) {
  design <- get(case)
  for (domain in c("", "group_2")) {
    inside <- if (domain == "") design else subset(design, group == 2)
    m <- svymean(~unsafe, inside, na.rm = TRUE); total <- svytotal(~income, inside)
    subject <- c(jackknife = "replicates.jackknife", jackknife_raked = "replicates.jackknife", bootstrap = "replicates.Replicates")[[case]]
    put(subject, case, 1, domain, "unsafe", "estimate", coef(m), "mse=FALSE"); put(subject, case, 1, domain, "unsafe", "se", SE(m), "mse=FALSE")
    put(subject, case, 1, domain, "income", "total", coef(total), "mse=FALSE"); put(subject, case, 1, domain, "income", "total_se", SE(total), "mse=FALSE")
  }
}

# ---------------------------------------------------------------- Fay-Herriot
# No package here has it: the restricted likelihood maximised by optimize(), formulas of Rao & Molina (2015).
fay_herriot <- function(y, psi, x) {
  p_matrix <- function(s) { v <- diag(1 / (s + psi)); v - v %*% x %*% solve(t(x) %*% v %*% x, t(x) %*% v) }
  minus <- function(s) { v <- 1 / (s + psi); drop(sum(log(s + psi)) + determinant(t(x) %*% (v * x))$modulus + y %*% p_matrix(s) %*% y) }
  s <- optimize(minus, c(0, 10 * var(y)), tol = 1e-14)$minimum
  score <- function(s) { p <- p_matrix(s); sum((p %*% y)^2) - sum(diag(p)) }
  s <- if (score(1e-14) <= 0) 0 else uniroot(score, c(s / 2, 2 * s), tol = 1e-16)$root
  v <- 1 / (s + psi); q <- solve(t(x) %*% (v * x)); beta <- q %*% t(x) %*% (v * y); gamma <- s / (s + psi)
  mse <- gamma * psi + (1 - gamma)^2 * rowSums((x %*% q) * x) + 2 * psi^2 / (s + psi)^3 * 2 / sum(v^2)
  list(s = s, beta = drop(beta), estimate = drop(gamma * y + (1 - gamma) * x %*% beta), mse = mse)
}
for (case in c("wave_psu", "wave_strata", "wave_raked_psu")) {
  psu <- wave_designs[[case]][[1]]; design <- wave_designs[[case]][[2]]
  areas <- expand.grid(stratum = 1:5, group = 1:2)
  direct <- t(apply(areas, 1, function(area) {
    inside <- subset(design, stratum == area[1] & group == area[2])
    m <- svymean(~trust, inside); c(coef(m), SE(m)^2)
  }))
  x <- cbind(1, areas$stratum)
  for (kind in c("covariate", "intercept")) {
    found <- fay_herriot(direct[, 1], direct[, 2], if (kind == "intercept") x[, 1, drop = FALSE] else x)
    put("small_areas.fay_herriot", case, psu, "stratum x group", kind, "model_variance", found$s, "REML by optimize and uniroot")
    for (i in c(1, 4, 10)) {
      put("small_areas.fay_herriot", case, psu, "stratum x group", kind, paste0("estimate_", i), found$estimate[i], "EBLUP")
      put("small_areas.fay_herriot", case, psu, "stratum x group", kind, paste0("mse_", i), found$mse[i], "g1 + g2 + 2 g3")
    }
  }
}

write.csv(do.call(rbind, gold), "gold.csv", row.names = FALSE, quote = c(1, 2, 4, 5, 6, 8), na = "")
cat(length(gold), "rows\n"); print(warnings())
