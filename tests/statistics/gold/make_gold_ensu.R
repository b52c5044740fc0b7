# Gold values on INEGI's ENSU of September 2024 (own processing of INEGI data; free use with credit).
# The data stay where they are: Rscript make_gold_ensu.R PATH/TO/conjunto_de_datos_ensu_2024_3t_csv.zip
# Writes gold_ensu.csv, in the shape of gold.csv. Lonely units: certainty.
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "certainty", digits = 17)
archive <- commandArgs(trailingOnly = TRUE)[1]
inner <- "conjunto_de_datos_ensu_cb_0924/conjunto_de_datos/conjunto_de_datos_ensu_cb_0924.csv"
folder <- tempfile(); unzip(archive, inner, exdir = folder)
path <- file.path(folder, inner)
text <- strsplit(gsub("\r\n|\r", "\n", rawToChar(readBin(path, "raw", file.size(path)))), "\n")[[1]]
ensu <- read.csv(text = text, colClasses = "character", encoding = "UTF-8")
ensu$w <- as.numeric(ensu$FAC_SEL); ensu$unsafe <- as.numeric(trimws(ensu$BP1_1) == "2")
ensu$city <- as.integer(ensu$CD); ensu$sex <- as.integer(ensu$SEXO)
ensu$unsafe_man <- ensu$unsafe * (ensu$sex == 1)
design <- svydesign(id = ~UPM_DIS, strata = ~EST_DIS, weights = ~w, data = ensu, nest = TRUE)
gold <- list()
put <- function(subject, domain, key, statistic, value, rule = paste0("lonely=", getOption("survey.lonely.psu"), "; df=degf"))
  gold[[length(gold) + 1]] <<- data.frame(subject, case = "ensu", psu = 1, domain, key, statistic,
    value = formatC(as.numeric(value), digits = 17, format = "g"), rule)
rows <- function(domain, inside) {
  m <- svymean(~unsafe, inside); p <- coef(m)[[1]]; se <- SE(m)[[1]]; df <- degf(inside)
  share <- "estimation.estimate_shares"
  put(share, domain, "unsafe", "estimate", p); put(share, domain, "unsafe", "se", se); put(share, domain, "unsafe", "df", df)
  put(share, domain, "unsafe", "n", nrow(inside)); put(share, domain, "unsafe", "total", sum(weights(inside)))
  neff <- p * (1 - p) / se^2; t <- qt(.975, df)
  ends <- (p + t^2 / (2 * neff) + c(-1, 1) * t * sqrt(p * (1 - p) / neff + t^2 / (4 * neff^2))) / (1 + t^2 / neff)
  put("intervals.wilson", domain, "unsafe", "low", ends[1]); put("intervals.wilson", domain, "unsafe", "high", ends[2])
  ci <- confint(svyciprop(~unsafe, inside, method = "beta"))
  put("intervals.korn_graubard", domain, "unsafe", "low", ci[1]); put("intervals.korn_graubard", domain, "unsafe", "high", ci[2])
}
rows("", design)
for (code in c(1, 9, 14, 38, 47, 62)) { ensu$here <- ensu$city == code; rows(paste0("city_", code), design[ensu$here, ]) }
rows("sex_1", design[ensu$sex == 1, ])
v <- vcov(svycontrast(svytotal(~unsafe_man + unsafe + I(as.numeric(sex == 1)) + w1, update(design, w1 = 1)),
  list(man = quote(unsafe_man / `I(as.numeric(sex == 1))`), all = quote(unsafe / w1))))
for (i in 1:2) for (j in i:2) put("covariance.covariance", "sex_1 and all", paste(i, j), "covariance", v[i, j])
test <- svychisq(~unsafe + sex, design, statistic = "F")
put("association.rao_scott", "", "unsafe sex", "f", test$statistic); put("association.rao_scott", "", "unsafe sex", "f_df", test$parameter[1])
put("association.rao_scott", "", "unsafe sex", "f_df_residual", test$parameter[2]); put("association.rao_scott", "", "unsafe sex", "p", test$p.value)
write.csv(do.call(rbind, gold), "gold_ensu.csv", row.names = FALSE, quote = c(1, 2, 4, 5, 6, 8), na = "")
cat(length(gold), "rows\n")
