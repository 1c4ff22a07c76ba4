using System.Globalization;
using System.IO.Compression;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Venues;
using Crpbot.Datasets.Validation;
using Crpbot.Messages;
using Crpbot.Testing;

namespace Crpbot.Engine.Tests.Datasets.Validation;

/// <summary>Copies of recorded files with defects planted into them, and what validation says about them.</summary>
internal sealed class Planted : IDisposable
{
    public const string Trades = "tardis-csv-layout/binance_trades_2024-08-08_BTCUSDT.csv.gz";
    public const string Book = "tardis-csv-layout/binance_incremental_book_L2_2024-08-08_BTCUSDT.csv.gz";
    public const string Spot = "hftbacktest/spot/btcusdt_20240808.gz";

    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-planted-").FullName;

    /// <summary>Lines of a recorded file; of a CSV, element 0 is the header and element i stands on line i + 1.</summary>
    public static List<string> LinesOf(string file)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(Crpbot.Testing.MarketData.Path(file)), CompressionMode.Decompress));
        var lines = new List<string>();
        while (text.ReadLine() is { } line)
            lines.Add(line);
        return lines;
    }

    /// <summary>A row with one cell changed.</summary>
    public static string With(string row, int cell, string value)
    {
        string[] cells = row.Split(',');
        cells[cell] = value;
        return string.Join(',', cells);
    }

    public static long Micros(string row, int cell) => long.Parse(row.Split(',')[cell], CultureInfo.InvariantCulture);

    public static long Micro(string time) =>
        UnixNanos.FromDateTime(DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal)).Value / 1000;

    public static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    public string Write(IEnumerable<string> lines, string name = "planted.csv")
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
        return path;
    }

    public string Write(byte[] bytes, string name)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public ValidationReport Csv(TardisCsvType type, IEnumerable<string> lines, string? from = null, string? to = null) => OfCsv(Write(lines), type, from, to);

    public ValidationReport Raw(string venue, IEnumerable<string> lines) => OfRecording(Write(lines, "planted.jsonl"), venue);

    public static ValidationReport OfCsv(string path, TardisCsvType type, string? from = null, string? to = null) =>
        Validate((instruments, texts, damage) => new CsvMarketReader(path, new TardisCsvOptions { Type = type }, instruments, texts, ReadRange.All, damage), from, to);

    public static ValidationReport OfRecording(string path, string venue) =>
        Validate((instruments, texts, damage) => new RecordingMarketReader(path, VenueParsers.Create(venue, instruments, texts), instruments, texts, ReadRange.All, damage));

    public static ValidationReport OfCapture(string path) =>
        Validate((instruments, texts, damage) => new CaptureMarketReader(path, instruments, texts, ReadRange.All, damage));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ValidationReport Validate(Func<InstrumentTable, TextIdTable, DamageLog, MarketReader> open, string? from = null, string? to = null)
    {
        var instruments = new InstrumentTable();
        var validator = new MarketValidator(instruments, new MarketValidationOptions { From = Instant(from), To = Instant(to) });
        using MarketReader reader = open(instruments, new TextIdTable(), new DamageLog(strict: false) { Listener = validator });
        validator.Read(reader);
        return validator.Complete().Report;
    }

    private static UnixNanos? Instant(string? text) =>
        text is null ? null : UnixNanos.FromDateTime(DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal));
}

/// <summary>Words for findings.</summary>
internal static class FindingWords
{
    /// <summary>The finding of a code; fails when there is none.</summary>
    public static Finding Of(this ValidationReport report, FindingCode code) =>
        report.Findings.SingleOrDefault(finding => finding.Code == code)
        ?? throw new Xunit.Sdk.XunitException($"no {code.NameOf()} among: {string.Join("; ", report.Findings)}");

    /// <summary>Codes at warning or above.</summary>
    public static IEnumerable<FindingCode> Faults(this ValidationReport report) =>
        report.Findings.Where(finding => finding.Severity >= Severity.Warning).Select(finding => finding.Code);
}
