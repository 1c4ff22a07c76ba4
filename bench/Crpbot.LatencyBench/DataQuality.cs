using System.Diagnostics;
using System.Globalization;
using System.Text;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Venues;
using Crpbot.Datasets;
using Crpbot.Datasets.Validation;
using Crpbot.LatencyBench.Figures;

namespace Crpbot.LatencyBench;

/// <summary>Validates every recorded file there is and writes what was found into the page about them.</summary>
internal static class DataQuality
{
    private const string Usd = "hftbacktest/usdm/btcusdt_2023040", Coin = "hftbacktest/cm/ethusd_perp_2024080";

    /// <summary>What only a person can say: files that follow one another, and how each is to be read.</summary>
    private static readonly (string[] Files, string Kind)[] Sources =
    [
        (["hftbacktest/spot/btcusdt_20240808.gz"], "binance"),
        (["hftbacktest/spot/ethusdt_20240808.gz"], "binance"),
        (["hftbacktest/usdm/btcusdt_20240808.gz"], "binance-futures"),
        ([Usd + "4.dat.gz"], "binance-futures"),
        ([Usd + "5.dat.gz"], "binance-futures"),
        ([Usd + "4.dat.gz", Usd + "5.dat.gz"], "binance-futures"),
        (["hftbacktest/cm/btcusd_perp_20240808.gz"], "binance-futures"),
        ([Coin + "8.gz"], "binance-futures"),
        ([Coin + "9.gz"], "binance-futures"),
        ([Coin + "8.gz", Coin + "9.gz"], "binance-futures"),
        (["collect-binancefutures/btcusdt_20220811.dat.gz"], "binance-futures"),
        (["cryptofeed/COINBASE.jsonl.gz"], "coinbase-advanced"),
        (["cryptofeed/COINBASE.ws.28.0.part1.gz"], "coinbase"),
        (["cryptofeed/BINANCE.jsonl.gz"], "binance"),
        (["cryptofeed/BINANCE-b38f7c.0.gz"], "binance"),
        (["tardis-mapped-captures/coinbase.part1.jsonl.gz"], "coinbase"),
        (["tardis-mapped-captures/binance.jsonl.gz"], "binance"),
    ];

    private static readonly string[] CsvFolders = ["tardis-csv-layout", "nautilus-tardis-csv"];
    private static readonly string[] CandleFolders = ["coinbase-1m", "coinbase-1h", "bitfinex-1m", "binance-candles", "lean-crypto"];

    public static int Run(string data, string page)
    {
        if (!Directory.Exists(data))
        {
            Console.Error.WriteLine($"no market data at {data}; set CRPBOT_DATA");
            return 3;
        }

        var table = new StringBuilder("| file | read as | rows | score | findings: code × count (severity), first example |\n|---|---|---|---|---|\n");
        foreach ((string[] files, string kind) in Sources)
            Add(table, files, kind, () => OfMarket(files, file => Open(Path.Combine(data, file), kind)));
        foreach (string file in Files(data, CsvFolders))
        {
            string kind = TardisCsvTypes.OfFileName(file)?.NameOf() ?? throw new InvalidDataException($"{file}: its name tells no type");
            Add(table, [file], kind, () => OfMarket([file], name => OpenCsv(Path.Combine(data, name))));
        }

        foreach (string file in Files(data, CandleFolders).Where(file => !file.Contains("_quote", StringComparison.Ordinal)))
        {
            var options = new CandleFileOptions { Columns = file.StartsWith("bitfinex", StringComparison.Ordinal) ? ["time", "open", "close", "high", "low", "volume"] : null };
            Add(table, [file], "candles", () => CandleValidator.Validate(Path.Combine(data, file), options));
        }

        File.WriteAllText(page, FigureTable.Insert(File.ReadAllText(page), table.ToString()));
        return 0;
    }

    private static IEnumerable<string> Files(string data, string[] folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(data, folder), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        .Select(path => Path.GetRelativePath(data, path).Replace('\\', '/'));

    private static void Add(StringBuilder table, string[] files, string kind, Func<ValidationReport> judge)
    {
        long start = Stopwatch.GetTimestamp();
        ValidationReport report = judge();
        Console.Error.WriteLine($"{string.Join(" + ", files)}: {report.Rows / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6:F2} M rows/s");
        string found = report.Findings.Count == 0 ? "none" : string.Join("<br>", report.Findings.Select(finding => string.Create(CultureInfo.InvariantCulture,
            $"**{finding.Code.NameOf()}** × {finding.Count:N0} ({finding.Severity.ToString().ToLowerInvariant()}): {finding.Example}")));
        table.Append(CultureInfo.InvariantCulture, $"| {string.Join(" + ", files.Select((file, i) => i == 0 ? file : Path.GetFileName(file)))} | {kind} | {report.Rows:N0} | {report.Score:0.00} | {found} |\n");
    }

    private static ValidationReport OfMarket(IEnumerable<string> files, Func<string, Func<InstrumentTable, TextIdTable, VenueParsers, DamageLog, MarketReader>> open)
    {
        var instruments = new InstrumentTable();
        var texts = new TextIdTable();
        var parsers = new VenueParsers(instruments, texts);
        var validator = new MarketValidator(instruments, new MarketValidationOptions());
        foreach (string file in files)
        {
            using MarketReader reader = open(file)(instruments, texts, parsers, new DamageLog(strict: false) { Listener = validator });
            validator.Read(reader);
        }

        return validator.Complete().Report;
    }

    private static Func<InstrumentTable, TextIdTable, VenueParsers, DamageLog, MarketReader> Open(string path, string venue) =>
        (instruments, texts, parsers, damage) => new RecordingMarketReader(path, parsers.Of(venue), instruments, texts, ReadRange.All, damage);

    private static Func<InstrumentTable, TextIdTable, VenueParsers, DamageLog, MarketReader> OpenCsv(string path) =>
        (instruments, texts, _, damage) => new CsvMarketReader(path, new TardisCsvOptions(), instruments, texts, ReadRange.All, damage);
}
