using System.CommandLine;
using Crpbot.Datasets;

namespace Crpbot.Cli;

/// <summary>The flags that say what a candle file cannot say itself.</summary>
internal sealed class CandleOptions
{
    private readonly Option<string?> _candles = new("--candles") { Description = "The file holds candles of this length: 1m, 5m, 1h, 1d; without it, the most frequent step." };
    private readonly Option<string?> _columns = new("--columns") { Description = "Of candles without a header: the columns in order, such as time,open,close,high,low,volume." };
    private readonly Option<string?> _timeColumn = new("--time-column") { Description = "Of candles: which of several time columns." };
    private readonly Option<string?> _volumeColumn = new("--volume-column") { Description = "Of candles: which of several volume columns." };
    private readonly Option<string?> _dateFormat = new("--date-format") { Description = "Of candles: dd/MM/yyyy or MM/dd/yyyy, where dates may be read in both ways." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_candles, _columns, _timeColumn, _volumeColumn, _dateFormat])
            command.Options.Add(option);
    }

    /// <summary>Whether the input is said to be candles.</summary>
    public bool IsGiven(ParseResult parsed) => new[] { _candles, _columns, _timeColumn, _volumeColumn, _dateFormat }.Any(option => parsed.GetValue(option) is not null);

    /// <param name="parsed">The command line.</param>
    /// <param name="symbol">Which rows of a file with a symbol column; null where there is none.</param>
    public CandleFileOptions Read(ParseResult parsed, string? symbol) => new()
    {
        Interval = parsed.GetValue(_candles) is { } length ? CandleInterval.Parse(length) : null,
        Columns = CandleFileOptions.ColumnsOf(parsed.GetValue(_columns)),
        TimeColumn = parsed.GetValue(_timeColumn),
        VolumeColumn = parsed.GetValue(_volumeColumn),
        DateFormat = parsed.GetValue(_dateFormat),
        Symbol = symbol,
    };
}
