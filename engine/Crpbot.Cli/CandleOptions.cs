using System.CommandLine;
using Crpbot.Datasets;

namespace Crpbot.Cli;

/// <summary>The flags that say how a candle file is written where it cannot say so itself; the same for every command that reads one.</summary>
internal sealed class CandleOptions
{
    public Option<string?> Candles { get; } = new("--candles")
    {
        Description = "Length of a candle: 1m, 3m, 5m, 15m, 1h or 1d; otherwise the most frequent step of the file.",
    };

    public Option<string?> Columns { get; } = new("--columns")
    {
        Description = "Columns of a candle file without a header, in order, such as time,open,close,high,low,volume; others are named -.",
    };

    public Option<string?> TimeColumn { get; } = new("--time-column") { Description = "Which of several columns of a candle file is the time." };

    public Option<string?> VolumeColumn { get; } = new("--volume-column") { Description = "Which of several columns of a candle file is the base volume." };

    public Option<string?> DateFormat { get; } = new("--date-format") { Description = "Order of dates such as 01/02/2024: dd/MM/yyyy or MM/dd/yyyy." };

    public void AddTo(Command command)
    {
        command.Options.Add(Candles);
        command.Options.Add(Columns);
        command.Options.Add(TimeColumn);
        command.Options.Add(VolumeColumn);
        command.Options.Add(DateFormat);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="symbol">Of a file with several; null for any.</param>
    public CandleFileOptions Read(ParseResult parsed, string? symbol) => new()
    {
        Interval = IntervalOf(parsed),
        Columns = CandleFileOptions.ColumnsOf(parsed.GetValue(Columns)),
        TimeColumn = parsed.GetValue(TimeColumn),
        VolumeColumn = parsed.GetValue(VolumeColumn),
        DateFormat = parsed.GetValue(DateFormat),
        Symbol = symbol,
    };

    /// <summary>Nanoseconds; null without the flag.</summary>
    /// <exception cref="UsageException">It is no length of a candle.</exception>
    public long? IntervalOf(ParseResult parsed)
    {
        try
        {
            return parsed.GetValue(Candles) is { } text ? CandleInterval.Parse(text) : null;
        }
        catch (FormatException e)
        {
            throw new UsageException($"--candles: {e.Message}");
        }
    }
}
