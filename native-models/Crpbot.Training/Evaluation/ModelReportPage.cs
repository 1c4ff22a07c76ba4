using Crpbot.Reports;

namespace Crpbot.Training.Evaluation;

/// <summary>A report as one HTML document with pictures.</summary>
internal static class ModelReportPage
{
    private const int ImportanceRows = 25;

    /// <param name="report">What was measured.</param>
    public static string Render(ModelReport report)
    {
        var page = new HtmlPage($"{report.Model} {report.Version}: how it is judged", Text(
            $"{report.Data} · {report.From} to {report.To} · {(report.LockedSliceOfTrainingData ? "locked slice" : "other data than it learned from")} · {report.Label}, {report.HorizonBars} bars ahead · {report.Architecture}"));
        Verdicts(page, report);
        Figures(page, report);
        Calibration(page, report);
        Money(page, report);
        Tiers(page, report);
        Groups(page, report);
        Comparisons(page, report);
        Learning(page, report);
        Importance(page, report);
        Drift(page, report);
        return page.Heading("Notes").Notes(
        [
            .. report.Notes,
            "Intervals are of 95 %, from 1,000 draws of blocks of time (four labels long, an hour at least), since labels overlap and instruments move together.",
            "A return of zero is no sample for accuracy; as a trade it pays its costs.",
        ]).ToString();
    }

    private static void Verdicts(HtmlPage page, ModelReport report)
    {
        page.Figures(
            ("the plan's gate", report.Verdict, report.Verdict == "PASS" ? Tone.Good : report.Verdict == "TUNE" ? Tone.Warning : Tone.Bad),
            (Text($"net of {report.Net.CostBps:0.##} bps"), report.NetVerdict, report.NetVerdict == "GO" ? Tone.Good : Tone.Bad),
            ("accuracy", Text($"{report.Accuracy:0.0000}"), report.AccuracyInterval[0] > 0.5 ? Tone.Good : Tone.Warning),
            ("ECE", Text($"{report.Ece:0.0000}"), report.Ece <= PlanGate.CalibrationErrorMax ? Tone.Good : Tone.Bad),
            ("samples", Text($"{report.N:N0}"), Tone.Plain),
            ("without overlap", Text($"{report.NEffective:N0}"), Tone.Plain));
        foreach (FeatureLeak leak in report.Leaks)
            page.Paragraph(Text($"LEAK: {leak.Name} alone has an AUC of {leak.Auc:0.000}; it contains the answer, and no figure here counts."), Tone.Bad);
        foreach (string reason in report.VerdictReasons)
            page.Paragraph($"{report.Verdict}: {reason}.");
        foreach (string reason in report.Net.Reasons)
            page.Paragraph($"{report.NetVerdict}: {reason}.");
        if (report.AccuracyInterval[0] <= 0.5)
            page.Paragraph("The interval of the accuracy contains one half: nothing here shows that this model knows more than a coin.", Tone.Warning);
    }

    private static void Figures(HtmlPage page, ModelReport report)
    {
        page.Heading("Figures").BeginTable("figure", "value", "95 % interval");
        void Row(string name, double value, double[]? interval) =>
            page.Row(name, Text($"{value:0.0000}"), interval is null ? "" : Text($"[{interval[0]:0.0000}, {interval[1]:0.0000}]"));
        Row("accuracy", report.Accuracy, report.AccuracyInterval);
        Row("precision of up", report.Precision, null);
        Row("recall of up", report.Recall, null);
        Row("F1 of up", report.F1, null);
        Row("macro F1", report.MacroF1, null);
        Row("AUC", report.Auc, report.AucInterval);
        Row("log loss", report.LogLoss, report.LogLossInterval);
        Row("Brier", report.Brier, report.BrierInterval);
        Row("ECE, 15 equal-mass bins", report.Ece, report.EceInterval);
        Row("share of labels that are up", report.ShareUp, null);
        if (report.BayesAccuracy is { } bayes)
        {
            Row("Bayes-optimal accuracy", bayes, null);
            Row("share of Bayes-optimal", report.ShareOfBayes!.Value, report.ShareOfBayesInterval);
        }

        page.EndTable();
    }

    private static void Calibration(HtmlPage page, ModelReport report)
    {
        page.Heading("Calibration");
        double[] said = [.. report.Reliability.Select(bin => bin.Said)];
        page.Picture(new LineChart("P(up) said, mean of a bin", "share that went up",
        [
            new Series("happened", said, [.. report.Reliability.Select(bin => bin.Happened.Value)])
            {
                Band = ([.. report.Reliability.Select(bin => bin.Happened.Low)], [.. report.Reliability.Select(bin => bin.Happened.High)]),
            },
            new Series("as said", said, said),
        ]).ToSvg(), "Bins of equal mass. A calibrated model lies on the second line.");
        page.Paragraph("The same over time: share that went up less mean of P(up).");
        page.BeginTable("from", "to", "samples", "said", "happened", "difference", "ECE");
        foreach (CalibrationStretch part in report.CalibrationDrift)
        {
            page.Row(part.Gap.Low > 0 || part.Gap.High < 0 ? Tone.Warning : Tone.Plain, part.From, part.To, Text($"{part.N:N0}"), Text($"{part.Said:0.0000}"),
                Text($"{part.Happened:0.0000}"), part.Gap.ToString(), Text($"{part.Ece:0.0000}"));
        }

        page.EndTable();
    }

    private static void Money(HtmlPage page, ModelReport report)
    {
        page.Heading(Text($"Net value of a trade, {report.Net.CostBps:0.##} bps a round trip"));
        page.Paragraph(Text($"In at the price of the sample's bar, out {report.HorizonBars} bars later, every answer of the confidence taken, all in bps of the price. The verdict is about confidence {report.Net.Confidence:0.00} or more."));
        page.BeginTable("confidence", "trades", "long", "short", "gross", "net", "winners", "mean |move|", "break-even accuracy");
        foreach (NetFigures f in report.Net.Trades)
        {
            Tone tone = f.NetBps.Low > 0 ? Tone.Good : f.NetBps.High < 0 ? Tone.Bad : Tone.Plain;
            page.Row(tone, Text($"{f.Confidence:0.00}"), Text($"{f.Trades:N0}"), Text($"{f.Longs:N0}"), Text($"{f.Shorts:N0}"), Bps(f.GrossBps), Bps(f.NetBps),
                Cell(f.WinRate), Text($"{f.MeanMoveBps:0.00}"), f.BreakEvenAccuracy > 1 ? "none would do" : Cell(f.BreakEvenAccuracy));
        }

        page.EndTable();
    }

    private static void Tiers(HtmlPage page, ModelReport report)
    {
        page.Heading("Accuracy by confidence").BeginTable("confidence at least", "samples", "accuracy", "95 % interval");
        foreach (TierReport tier in report.Tiers)
        {
            page.Row(Text($"{tier.Confidence:0.00}"), Text($"{tier.N:N0}"), tier.Accuracy is { } accuracy ? Cell(accuracy) : "–",
                tier.AccuracyInterval is { } interval ? Text($"[{interval[0]:0.0000}, {interval[1]:0.0000}]") : "");
        }

        page.EndTable();
    }

    private static void Groups(HtmlPage page, ModelReport report)
    {
        page.Heading("Confusion and accuracy by kind");
        page.BeginTable("kind", "samples", "without overlap", "up, said up", "up, said down", "down, said up", "down, said down", "accuracy", "ECE");
        (string Name, GroupFigures[] Groups)[] kinds =
        [
            ("tier", report.By.Tier), ("session", report.By.Session), ("volatility", report.By.Volatility), ("month", report.By.Month), ("instrument", report.By.Symbol),
        ];
        foreach ((string name, GroupFigures[] groups) in kinds)
        {
            foreach (GroupFigures g in groups)
            {
                Tone tone = g.Accuracy.Low > 0.5 ? Tone.Good : g.Accuracy.High < 0.5 ? Tone.Bad : Tone.Plain;
                page.Row(tone, $"{name} {g.Name}", Text($"{g.N:N0}"), Text($"{g.NEffective:N0}"), Text($"{g.Confusion.UpSaidUp:N0}"), Text($"{g.Confusion.UpSaidDown:N0}"),
                    Text($"{g.Confusion.DownSaidUp:N0}"), Text($"{g.Confusion.DownSaidDown:N0}"), g.Accuracy.ToString(), Cell(g.Ece));
            }
        }

        page.EndTable();
        page.Picture(new BarChart("accuracy above one half", [.. kinds.SelectMany((kind, group) => kind.Groups.Select(g =>
            ($"{kind.Name} {g.Name}", g.Accuracy.Value - 0.5, g.Accuracy.Low - 0.5, g.Accuracy.High - 0.5, group)))]) { Groups = [.. kinds.Select(kind => kind.Name)] }.ToSvg(),
            "Sessions are thirds of the UTC day. Volatility is that of the last hour, in thirds of each instrument's samples.");
    }

    private static void Comparisons(HtmlPage page, ModelReport report)
    {
        page.Heading("Beside other models, on the same samples");
        PairedComparison[] all = [.. new[] { report.Baseline, report.Previous }.OfType<PairedComparison>()];
        if (all.Length == 0)
        {
            page.Paragraph("There is none: the logistic baseline needs the data that the model learned from, the previous model was not named.");
            return;
        }

        page.BeginTable("other", "samples", "accuracy", "other's", "accuracy, difference", "Brier, difference", "log loss, difference", "this model is");
        foreach (PairedComparison c in all)
        {
            Tone tone = c.LogLossDifference.High < 0 ? Tone.Good : c.LogLossDifference.Low > 0 ? Tone.Bad : Tone.Plain;
            page.Row(tone, c.Other, Text($"{c.N:N0}"), Cell(c.Accuracy), Cell(c.OtherAccuracy), c.AccuracyDifference.ToString(), c.BrierDifference.ToString(), c.LogLossDifference.ToString(), c.Finding);
        }

        page.EndTable();
    }

    private static void Learning(HtmlPage page, ModelReport report)
    {
        if (report.LearningCurve.Length == 0)
            return;
        double[] epochs = [.. report.LearningCurve.Select(e => (double)e.Epoch)];
        page.Heading("Learning curves").Picture(new LineChart("epoch", "log loss",
        [
            new Series("training", epochs, [.. report.LearningCurve.Select(e => e.TrainLoss)]),
            new Series("validation", epochs, [.. report.LearningCurve.Select(e => e.ValidationLoss)]),
        ]) { Reference = Math.Log(2) }.ToSvg(), "The dashed line is a coin's.");
    }

    private static void Importance(HtmlPage page, ModelReport report)
    {
        if (report.Importance.Length == 0)
            return;
        page.Heading("Permutation importance").Picture(new BarChart("rise of the log loss, thousandths of a nat",
            [.. report.Importance.OrderByDescending(f => f.LogLossIncrease.Value).Take(ImportanceRows)
                .Select(f => (f.Name, 1e3 * f.LogLossIncrease.Value, 1e3 * f.LogLossIncrease.Low, 1e3 * f.LogLossIncrease.High, 0))]).ToSvg(),
            Text($"A feature's sequences dealt to other samples, {report.ImportanceSamples:N0} of them; the {Math.Min(ImportanceRows, report.Importance.Length)} largest. Features that say the same stand in for one another."));
    }

    private static void Drift(HtmlPage page, ModelReport report)
    {
        page.Heading("Drift of the features").Paragraph(
            "Median now less the training median in the training scale, spread now over the one in training, and the stability index against the training rows where they are at hand: under 0.1 is stable, over 0.25 moved.");
        page.BeginTable("feature", "shift", "spread", "missing", "stability index");
        foreach (FeatureDrift f in report.FeatureDrift)
        {
            Tone tone = f.StabilityIndex > 0.25 || Math.Abs(f.Shift) > 1 ? Tone.Bad : f.StabilityIndex > 0.1 || Math.Abs(f.Shift) > 0.5 ? Tone.Warning : Tone.Plain;
            page.Row(tone, f.Name, Cell(f.Shift), Cell(f.Spread), Cell(f.Missing), Cell(f.StabilityIndex));
        }

        page.EndTable();
    }

    private static string Cell(double value) => double.IsNaN(value) ? "–" : Text($"{value:0.0000}");

    private static string Bps(Figure figure) => double.IsNaN(figure.Value) ? "–" : Text($"{figure.Value:+0.00;-0.00} [{figure.Low:+0.00;-0.00}, {figure.High:+0.00;-0.00}]");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
