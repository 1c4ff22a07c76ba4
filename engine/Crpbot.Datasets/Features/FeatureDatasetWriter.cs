using System.Globalization;
using Crpbot.Codecs.Instruments;
using Crpbot.Features;
using Crpbot.Messages;
using ParquetSharp;

namespace Crpbot.Datasets;

/// <summary>Writes a feature dataset as Parquet: one row a Bar, 53 values with their reasons for missing.</summary>
/// <remarks>One owner. Rows are kept in memory to a group, about 500 bytes each. The file is whole only after <see cref="Close"/>. Equal rows and
/// sources give equal bytes.</remarks>
public sealed class FeatureDatasetWriter : IDisposable
{
    /// <summary>Rows of a group where nobody asks for another number.</summary>
    public const int DefaultGroupRows = 65_536;

    private readonly ParquetFileWriter _file;
    private readonly bool _hasTruth;
    private readonly long[] _times;
    private readonly string[] _symbols;
    private readonly double[] _endBid;
    private readonly double[] _endAsk;
    private readonly double[][] _values;
    private readonly byte[][] _missing;
    private readonly byte[] _flags;
    private readonly double[] _truth;
    private int _count;

    /// <param name="path">Overwritten if it exists.</param>
    /// <param name="source">Where the rows come from, in words.</param>
    /// <param name="trueHorizonBars">Above 0: rows carry the simulator's P(up) over so many Bars.</param>
    /// <param name="groupRows">Rows kept in memory.</param>
    public FeatureDatasetWriter(string path, string source, int trueHorizonBars = 0, int groupRows = DefaultGroupRows)
    {
        (_times, _symbols, _flags) = (new long[groupRows], new string[groupRows], new byte[groupRows]);
        (_endBid, _endAsk, _truth) = (new double[groupRows], new double[groupRows], new double[groupRows]);
        (_values, _missing) = (NewColumns<double>(groupRows), NewColumns<byte>(groupRows));
        _hasTruth = trueHorizonBars > 0;
        var columns = new List<Column> { new Column<long>(FeatureDatasetSchema.Time), new Column<string>(FeatureDatasetSchema.Symbol) };
        columns.AddRange([new Column<double>(FeatureDatasetSchema.EndBid), new Column<double>(FeatureDatasetSchema.EndAsk)]);
        columns.AddRange(FeatureSchema.Names.Select(name => new Column<double>(name)));
        columns.AddRange(FeatureSchema.Names.Select(name => new Column<byte>(name + FeatureDatasetSchema.MissingSuffix)));
        columns.Add(new Column<byte>(FeatureDatasetSchema.Flags));
        var metadata = new Dictionary<string, string>
        {
            [FeatureDatasetSchema.VersionKey] = FeatureSchema.Version.ToString(CultureInfo.InvariantCulture),
            [FeatureDatasetSchema.HashKey] = FeatureSchema.Hash,
            [FeatureDatasetSchema.SourceKey] = source,
        };
        if (_hasTruth)
        {
            columns.Add(new Column<double>(FeatureDatasetSchema.TrueProbabilityUp));
            metadata[FeatureDatasetSchema.TrueHorizonKey] = trueHorizonBars.ToString(CultureInfo.InvariantCulture);
        }

        using var builder = new WriterPropertiesBuilder();
        using WriterProperties properties = builder.Compression(Compression.Zstd).Build();
        _file = new ParquetFileWriter(path, [.. columns], properties, metadata);
    }

    /// <summary>Rows taken so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Appends one Bar.</summary>
    /// <param name="symbol"><c>venue:SYMBOL</c>.</param>
    /// <param name="row">Copied.</param>
    /// <param name="endBid">Best bid at the Bar's end in quote units; NaN without a valid book.</param>
    /// <param name="endAsk">Best ask.</param>
    /// <param name="trueProbabilityUp">Only where the file has that column.</param>
    public void Write(string symbol, FeatureRow row, double endBid, double endAsk, double trueProbabilityUp = double.NaN)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (_count == _times.Length)
            Flush();
        _times[_count] = row.Bar.OpenTime.Value;
        _symbols[_count] = symbol;
        (_endBid[_count], _endAsk[_count], _truth[_count]) = (endBid, endAsk, trueProbabilityUp);
        for (int i = 0; i < FeatureSchema.Count; i++)
        {
            _values[i][_count] = row.Values[i];
            _missing[i][_count] = (byte)row.Reasons[i];
        }

        _flags[_count] = (byte)row.Flags;
        _count++;
        Rows++;
    }

    /// <summary>Appends one Bar of an Instrument, its best prices taken from the Bar.</summary>
    public void Write(Instrument instrument, FeatureRow row, double trueProbabilityUp = double.NaN)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        ArgumentNullException.ThrowIfNull(row);
        Write(instrument.Name, row, PriceOrNaN(instrument, row.Bar.EndBid), PriceOrNaN(instrument, row.Bar.EndAsk), trueProbabilityUp);
    }

    /// <summary>Writes what is left and the footer.</summary>
    public void Close()
    {
        Flush();
        _file.Close();
    }

    public void Dispose() => _file.Dispose();

    private void Flush()
    {
        if (_count == 0)
            return;
        using RowGroupWriter group = _file.AppendRowGroup();
        Write(group, _times);
        Write(group, _symbols);
        Write(group, _endBid);
        Write(group, _endAsk);
        foreach (double[] column in _values)
            Write(group, column);
        foreach (byte[] column in _missing)
            Write(group, column);
        Write(group, _flags);
        if (_hasTruth)
            Write(group, _truth);
        group.Close();
        _count = 0;
    }

    private void Write<T>(RowGroupWriter group, T[] column)
    {
        using LogicalColumnWriter<T> writer = group.NextColumn().LogicalWriter<T>();
        writer.WriteBatch(column.AsSpan(0, _count));
    }

    /// <summary>A Bar without a valid book at its end has best prices of 0.</summary>
    internal static double PriceOrNaN(Instrument instrument, Price price) => price.Ticks == 0 ? double.NaN : instrument.PriceOf(price);

    private static T[][] NewColumns<T>(int rows) => [.. Enumerable.Range(0, FeatureSchema.Count).Select(_ => new T[rows])];
}
