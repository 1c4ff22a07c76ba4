using System.Globalization;
using System.Text;
using Crpbot.Codecs;
using Crpbot.Codecs.Json;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Text;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Datasets.Conversion;

/// <summary>A day of downloaded one-minute candles, each number exactly as it was sent.</summary>
internal sealed class CandleConversion(RawFileName raw, LakeFile file)
    : ConversionJob(raw.Venue, LakeTypes.Candles, raw.Symbol, DateOnly.FromDateTime(raw.Start), raw.Path)
{
    private static readonly string[] Columns = ["time", "open", "high", "low", "close", "volume"];

    public override RawSource Identify(ILakeStorage lake) => RawSource.Of(lake, file);

    public override ConversionResult Run(ILakeStorage lake, RawSource source, ConversionOptions options, Action<long> progress)
    {
        var damage = new DamageLog(options.Strict);
        List<ExactCandle> candles;
        using (LakeCopy copy = lake.Fetch(file.Key))
            candles = Read(copy.Path, damage);
        var partition = new LakePartition(Venue, LakeTypes.Candles, Symbol, Day);
        using LakeDraft draft = lake.Create(partition.Key);
        CandleParquetWriter.Write(draft.Path, LakeTypes.Candles, Venue, Symbol, candles, source.Metadata);
        long bytes = new FileInfo(draft.Path).Length;
        draft.Commit();
        ConversionReceipt.Of(source, [], [], [partition.Key]).Write(lake);
        return new ConversionResult(Key, [partition.Key], false, candles.Count, damage.Refused, source.Bytes, bytes, damage.First, null);
    }

    private List<ExactCandle> Read(string path, DamageLog damage)
    {
        var candles = new SortedDictionary<long, ExactCandle>();
        using var reader = new StreamReader(path, Encoding.UTF8);
        string? header = reader.ReadLine();
        if (header is null)
            return [];
        string[] names = header.TrimStart('\uFEFF').Split(',');
        int[] at = [.. Columns.Select(name => Array.IndexOf(names, name))];
        if (at.Contains(-1))
            throw new InvalidDataException($"{Key}: line 1: there is no column '{Columns[Array.IndexOf(at, -1)]}' in '{header}'");
        for (int line = 2; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0)
                continue;
            string[] cells = text.Split(',');
            if (cells.Length != names.Length)
                damage.Add(Key, string.Create(CultureInfo.InvariantCulture, $"line {line}: {cells.Length} fields where the header has {names.Length}"));
            else if (Parse(cells, at, out ExactCandle candle) is { } fault)
                damage.Add(Key, string.Create(CultureInfo.InvariantCulture, $"line {line}: {fault}"));
            else if (!candles.TryAdd(candle.Time.Value, candle) && candles[candle.Time.Value] != candle)
                damage.Add(Key, string.Create(CultureInfo.InvariantCulture, $"line {line}: a second candle of {candle.Time} that differs"));
        }

        return [.. candles.Values];
    }

    /// <returns>What is wrong; null when nothing is.</returns>
    private string? Parse(string[] cells, int[] at, out ExactCandle candle)
    {
        candle = default;
        if (!EpochText.TryParseInteger(Encoding.ASCII.GetBytes(cells[at[0]]), out UnixNanos time) || time.Floor(UnixNanos.PerMinute) != time)
            return $"time is '{cells[at[0]]}', expected the epoch of a whole minute";
        if (!IsOfDay(time))
            return string.Create(CultureInfo.InvariantCulture, $"time is '{cells[at[0]]}', which is not {Day:yyyy-MM-dd}");
        var values = new ExactDecimal[Columns.Length - 1];
        for (int i = 0; i < values.Length; i++)
        {
            string cell = cells[at[i + 1]];
            if (DecimalParser.ParseScaled(Encoding.ASCII.GetBytes(cell), out long mantissa, out byte scale) != ParseError.None || scale > CandleParquetWriter.MaxScale)
                return $"{Columns[i + 1]} is '{cell}', expected a decimal of at most {CandleParquetWriter.MaxScale} fraction digits";
            values[i] = new ExactDecimal(mantissa, scale);
        }

        candle = new ExactCandle(time, values[0], values[1], values[2], values[3], values[4]);
        return null;
    }
}
