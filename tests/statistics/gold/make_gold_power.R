# Gold values of power and sizes from R's power.prop.test. Run from this folder:
# Rscript make_gold_power.R. Writes gold_power.csv. n is of each group; a family's tests are at
# level 0.05 / family. Of a change downwards the shares change places, which is the same test.
options(digits = 17)
grid <- expand.grid(
  first = c(0.02, 0.08, 0.25, 0.5), change = c(-0.07, -0.03, 0.03, 0.05, 0.10, 0.25),
  n = c(30, 250, 769.2307692307692), family = c(1, 3, 18)
)
grid$second <- grid$first + grid$change
grid <- grid[grid$second > 0, ]
exact <- function(x) formatC(as.numeric(x), digits = 17, format = "g")
rows <- lapply(seq_len(nrow(grid)), function(k) {
  one <- grid[k, ]
  ends <- sort(c(one$first, one$second))
  level <- 0.05 / one$family
  found <- power.prop.test(n = one$n, p1 = ends[1], p2 = ends[2], sig.level = level)
  size <- power.prop.test(p1 = ends[1], p2 = ends[2], sig.level = level, power = 0.8, tol = 1e-12)
  data.frame(first = one$first, second = exact(one$second), n = exact(one$n), family = one$family,
             power = exact(found$power), size = exact(size$n))
})
write.csv(do.call(rbind, rows), "gold_power.csv", row.names = FALSE, quote = FALSE)
