using System.Diagnostics;

namespace Crpbot.Cli;

/// <summary>How far long work has come, on one line of a terminal; silent where stderr goes to a file.</summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly string _what;
    private readonly string _unit;
    private readonly bool _visible = !Console.IsErrorRedirected;
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _shown;

    /// <param name="what">Is being done.</param>
    /// <param name="unit">What is counted.</param>
    public ProgressLine(string what, string unit = "events")
    {
        (_what, _unit) = (what, unit);
        _shown = _start;
    }

    /// <summary>Null where nobody would see it.</summary>
    public Action<long>? Report => _visible ? Show : null;

    /// <summary>Names the part that begins; null where nobody would see it.</summary>
    public Action<string>? Say => _visible ? Show : null;

    public void Dispose()
    {
        if (_shown != _start)
            Console.Error.Write("\r\u001b[K");
    }

    private void Show(string part)
    {
        _shown = Stopwatch.GetTimestamp();
        Console.Error.Write($"\r\u001b[K{_what}  {part}, {Stopwatch.GetElapsedTime(_start, _shown).TotalSeconds:F0} s");
    }

    private void Show(long events)
    {
        if (Stopwatch.GetElapsedTime(_shown) < Interval)
            return;
        _shown = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(_start, _shown).TotalSeconds;
        Console.Error.Write($"\r\u001b[K{_what}  {events:N0} {_unit}, {events / seconds / 1e6:F2} M/s, {seconds:F0} s");
    }
}
