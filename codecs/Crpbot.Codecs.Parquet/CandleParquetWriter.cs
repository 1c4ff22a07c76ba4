using Crpbot.Messages;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Crpbot.Codecs.Parquet;

/// <summary>An exact decimal: Mantissa × 10^-Scale.</summary>
public readonly record struct ExactDecimal(long Mantissa, byte Scale);

/// <summary>One candle in exact decimals.</summary>
/// <param name="Time">Its first instant.</param>
public readonly record struct ExactCandle(UnixNanos Time, ExactDecimal Open, ExactDecimal High, ExactDecimal Low, ExactDecimal Close, ExactDecimal Volume);

/// <summary>Writes candles as Parquet: <c>time</c> as TIMESTAMP(MICROS, UTC), the five numbers as DECIMAL(38, 18).</summary>
public static class CandleParquetWriter
{
    /// <summary>More fraction digits than a venue sends; a file with more is refused.</summary>
    public const int MaxScale = WideDecimalColumn.Scale;

    /// <summary>Writes a whole file.</summary>
    /// <param name="path">Overwritten if it exists.</param>
    /// <param name="type">Name of the type, e.g. <c>candles_1m</c>.</param>
    /// <param name="candles">In the order of the file; scales up to <see cref="MaxScale"/>, times in whole microseconds.</param>
    /// <param name="metadata">More keys for the footer.</param>
    public static void Write(string path, string type, string venue, string symbol, IReadOnlyList<ExactCandle> candles, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(candles);
        ArgumentNullException.ThrowIfNull(metadata);
        var time = new LongColumn("time", isOptional: false, () => LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros));
        WideDecimalColumn[] numbers = [new("open"), new("high"), new("low"), new("close"), new("volume")];
        foreach (ExactCandle candle in candles)
        {
            time.Append(TimeColumn.MicrosOf(candle.Time));
            ExactDecimal[] values = [candle.Open, candle.High, candle.Low, candle.Close, candle.Volume];
            for (int i = 0; i < numbers.Length; i++)
                numbers[i].Append(values[i].Mantissa, values[i].Scale);
        }

        ParquetColumn[] columns = [time, .. numbers];
        var keys = new Dictionary<string, string>
        {
            [ParquetFile.FormatKey] = ParquetFile.Format, [ParquetFile.TypeKey] = type, [ParquetFile.VenueKey] = venue, [ParquetFile.SymbolKey] = symbol,
        };
        foreach ((string key, string value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            keys[key] = value;
        using WriterProperties properties = ParquetFile.PropertiesFor(columns);
        using var schema = new GroupNode("candles", Repetition.Required, [.. columns.Select(column => column.CreateNode())]);
        using var file = new ParquetFileWriter(path, schema, properties, keys);
        if (candles.Count > 0)
        {
            using RowGroupWriter group = file.AppendRowGroup();
            foreach (ParquetColumn column in columns)
                column.Write(group);
            group.Close();
        }

        file.Close();
    }
}
