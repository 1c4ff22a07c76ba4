using System.CommandLine;
using System.Globalization;
using System.Text;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets;
using Crpbot.Datasets.Comparison;
using Crpbot.Messages;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot data compare A B</c>: candle by candle, and trade by trade where both have trades.</summary>
internal static class DataCompare
{
    // By ReceiveTime a recording may lag or lead the exchange's clock by this much at most.
    private const long ClockMargin = UnixNanos.PerHour;

    private static readonly Option<string?> ColumnsA = new("--columns-a") { Description = "As --columns, of A only." };
    private static readonly Option<string?> ColumnsB = new("--columns-b") { Description = "As --columns, of B only." };
    private static readonly Option<string?> SymbolA = new("--symbol-a") { Description = "As --symbol, of A only." };
    private static readonly Option<string?> SymbolB = new("--symbol-b") { Description = "As --symbol, of B only." };

    public static Command Create()
    {
        const string Forms = "A candle file; recorded trades as Tardis CSV, Parquet, capture or raw recording (--venue); or a lake's folder (--symbol).";
        Argument<string> first = Arguments.File("a", Forms), second = Arguments.File("b", Forms);
        var options = new InputOptions();
        var candles = new CandleOptions();
        candles.Candles.Description = "Compare candles of this length: 1m, 3m, 5m, 15m, 1h or 1d; otherwise the shortest that both can be put together to.";
        var tolerance = new Option<double>("--tolerance") { Description = "Relative difference up to which values are equal.", DefaultValueFactory = _ => 1e-9 };
        var page = new Option<string?>("--out") { Description = "Write the comparison, with plots, to this HTML file." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("compare", """
            Compares two sources of one market: which candles lack, which differ and by how much, whether a clock is shifted, what A gives over B. Exit 1 when they differ.

            Examples: crpbot data compare trades.csv.gz BTC-USD_1m.csv.gz --out compare.html
                      crpbot data compare LAKE candles.csv.gz --symbol BTC-USD --from 2024-08-08 --to 2024-08-09 --json
            """)
        { first, second, tolerance, page, json, ColumnsA, ColumnsB, SymbolA, SymbolB };
        options.AddTo(command);
        candles.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(page) is { } path)
                OutputFile.RequireFolder(path, orStore: true);
            if (!(parsed.GetValue(tolerance) >= 0))
                throw new UsageException("--tolerance must not be negative");
            var sides = new Sides(parsed, options, candles);
            SourceComparison comparison = SourceComparison.Of(
                sides.Open(parsed.GetValue(first)!, ColumnsA, SymbolA),
                sides.Open(parsed.GetValue(second)!, ColumnsB, SymbolB),
                candles.IntervalOf(parsed),
                parsed.GetValue(tolerance));
            if (parsed.GetValue(page) is { } target)
                WritePage(target, ComparisonPage.Of(comparison));
            if (parsed.GetValue(json))
                Console.Out.WriteLine(ComparisonReport.ToJson(comparison));
            else
                Print(comparison, Console.Out);
            return comparison.AreEqual ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static void WritePage(string path, string html)
    {
        using OutputFile file = OutputFile.Create(path);
        file.Stream.Write(Encoding.UTF8.GetBytes(html));
        file.Commit();
    }

    private static void Print(SourceComparison comparison, TextWriter writer)
    {
        writer.WriteLine($"A            {Describe(comparison.A)}");
        writer.WriteLine($"B            {Describe(comparison.B)}");
        writer.WriteLine($"overlap      {comparison.From} … {comparison.To}, candles of {CandleInterval.Format(comparison.Interval)}");
        writer.WriteLine($"clocks       {(comparison.Offset.OffsetNanos is { } offset ? OffsetSearch.Words(offset) + ": " : "")}{comparison.Offset.Evidence}");
        writer.WriteLine(Text($"candles      {comparison.Matches.Count:N0} matched, {comparison.Differing:N0} of them differ; {comparison.MissingInA:N0} missing in A, {comparison.MissingInB:N0} in B"));
        foreach (FieldDifference field in comparison.Fields.Where(field => field.Differing > 0))
            writer.WriteLine(Text($"  {field.Name,-10} {field.Differing:N0} differ, at most {100 * field.MaxRelative:G4} %, median {100 * field.MedianRelative:G4} %, first {field.FirstTime}"));
        if (comparison.Trades is { } trades)
            writer.WriteLine(Text($"trades       {trades.Matched:N0} matched, {trades.Differing:N0} of them differ; {trades.MissingInA:N0} missing in A, {trades.MissingInB:N0} in B"));
        writer.WriteLine(Text($"ratios       price {comparison.PriceRatio:G9}, volume {comparison.VolumeRatio:G6} (B by A)"));
        writer.WriteLine($"A over B     {Figure("missing minutes", comparison.Missing)}; {Figure("defects", comparison.Defects)}; {Figure("events a minute", comparison.Detail)}");
        if (ComparisonReport.Only(comparison.A, comparison.B) is { Count: > 0 } onlyA)
            writer.WriteLine($"only A has   {string.Join(", ", onlyA)}");
        if (ComparisonReport.Only(comparison.B, comparison.A) is { Count: > 0 } onlyB)
            writer.WriteLine($"only B has   {string.Join(", ", onlyB)}");
    }

    private static string Describe(ComparedSource source) =>
        Text($"{source.Name}: {source.Candles.Count:N0} candles of {CandleInterval.Format(source.Candles.Interval)}, {source.Candles.From} … {source.Candles.To}, {source.Candles.Missing:N0} missing");

    private static string Figure(string name, Advantage advantage) =>
        Text($"{name} {advantage.A:G6} against {advantage.B:G6}") + (advantage.Times is { } times ? Text($" ({times:G4} times better)") : "");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Opens either side by what it looks like.</summary>
    private sealed class Sides(System.CommandLine.ParseResult parsed, InputOptions options, CandleOptions candles)
    {
        private readonly InputSelection _selection = options.Read(parsed);

        public ComparedSource Open(string path, Option<string?> columnsOfSide, Option<string?> symbolOfSide)
        {
            string? symbol = (parsed.GetValue(symbolOfSide) ?? parsed.GetValue(options.Symbol))?.ToUpperInvariant();
            UnixNanos? from = _selection.Range.From == ReadRange.All.From ? null : _selection.Range.From;
            UnixNanos? to = _selection.Range.To == ReadRange.All.To ? null : _selection.Range.To;
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) + (symbol is null ? "" : $" {symbol}");
            InputForm form = InputForms.Of(path);
            if (form == InputForm.Candles)
            {
                CandleFileOptions file = candles.Read(parsed, symbol) with { Interval = null };
                return ComparedSource.OfCandleFile(name, path,
                    parsed.GetValue(columnsOfSide) is { } columns ? file with { Columns = CandleFileOptions.ColumnsOf(columns) } : file, from, to);
            }

            var range = new ReadRange(from is { } begin ? begin - ClockMargin : ReadRange.All.From, to is { } end ? end + ClockMargin : ReadRange.All.To, symbol);
            using MarketReader reader = OpenMarket(path, form, range);
            using var progress = new ProgressLine("reading");
            return TradeCandles.Read(name, reader, from, to, progress.Report);
        }

        private MarketReader OpenMarket(string path, InputForm form, ReadRange range)
        {
            InstrumentTable instruments = InstrumentFile.Open(parsed.GetValue(options.Instruments));
            if (form == InputForm.TardisCsv && _selection.CsvType is null)
                return new CsvMarketReader(path, new TardisCsvOptions { Exchange = _selection.Exchange, Symbol = range.Symbol }, instruments, new TextIdTable(), range,
                    new DamageLog(_selection.Strict));
            // A flag that says what one side is does not fit the other.
            InputSelection selection = form switch
            {
                InputForm.Recording => _selection with { CsvType = null, Range = range },
                InputForm.TardisCsv => _selection with { Venue = null, Range = range },
                _ => _selection with { Range = range },
            };
            return new Inputs(selection, instruments).OpenReader(path, range);
        }
    }
}
