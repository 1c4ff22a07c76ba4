using Crpbot.Messages;

namespace Crpbot.Backtest;

/// <summary>The minutes of several tapes as one line of time, and where on it a model has an opinion. Immutable; shared by parallel runs.</summary>
internal sealed class BarTimeline
{
    private readonly int[][] _rows;
    private readonly int[] _nextOpinion;

    /// <param name="tapes">Validated here.</param>
    /// <param name="lowConfidence">Below it a prediction is no signal.</param>
    public BarTimeline(IReadOnlyList<BarTape> tapes, double lowConfidence)
    {
        Tapes = [.. tapes];
        foreach (BarTape tape in Tapes)
            tape.Validate();
        UnixNanos[] all = [.. Tapes.SelectMany(tape => tape.OpenTimes)];
        Array.Sort(all);
        int count = 0;
        foreach (UnixNanos time in all)
        {
            if (count == 0 || time != all[count - 1])
                all[count++] = time;
        }

        Minutes = all[..count];
        _rows = [.. Tapes.Select(RowsOf)];
        _nextOpinion = new int[count + 1];
        _nextOpinion[count] = count;
        for (int m = count - 1; m >= 0; m--)
            _nextOpinion[m] = HasOpinion(m, lowConfidence) ? m : _nextOpinion[m + 1];
    }

    public BarTape[] Tapes { get; }

    /// <summary>Open times at which any tape has a Bar, ascending.</summary>
    public UnixNanos[] Minutes { get; }

    /// <summary>The tape's row of a minute; −1 where it has none.</summary>
    public int Row(int tape, int minute) => _rows[tape][minute];

    /// <summary>The first minute from this one on in which a signal may arise; the number of minutes when there is none.</summary>
    public int NextOpinion(int minute) => _nextOpinion[minute];

    /// <summary>The first minute that does not begin before an instant.</summary>
    public int FirstFrom(UnixNanos time)
    {
        int at = Array.BinarySearch(Minutes, time);
        return at >= 0 ? at : ~at;
    }

    private int[] RowsOf(BarTape tape)
    {
        var rows = new int[Minutes.Length];
        int row = 0;
        for (int m = 0; m < rows.Length; m++)
            rows[m] = row < tape.Count && tape.OpenTimes[row] == Minutes[m] ? row++ : -1;
        return rows;
    }

    private bool HasOpinion(int minute, double lowConfidence)
    {
        for (int t = 0; t < Tapes.Length; t++)
        {
            int row = _rows[t][minute];
            if (row < 0)
                continue;
            double up = Tapes[t].ProbabilityUp[row];
            if (Math.Max(up, 1 - up) >= lowConfidence)
                return true;
        }

        return false;
    }
}
