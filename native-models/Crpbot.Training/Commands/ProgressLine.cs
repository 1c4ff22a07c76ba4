using System.Diagnostics;

namespace Crpbot.Training.Commands;

/// <summary>A bar on stderr while something long runs on a terminal; nothing where stderr is a file.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const int Width = 30;
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private readonly Stopwatch _sincePrint = Stopwatch.StartNew();
    private bool _shown;

    /// <param name="share">Of the whole, 0 to 1.</param>
    /// <param name="text">What is going on.</param>
    public void Report(double share, string text)
    {
        if (!_isTerminal || (_shown && _sincePrint.ElapsedMilliseconds < 200))
            return;
        _sincePrint.Restart();
        int done = (int)(Math.Clamp(share, 0, 1) * Width);
        TimeSpan left = share > 0.01 ? _sinceStart.Elapsed * ((1 - share) / share) : TimeSpan.Zero;
        Console.Error.Write($"\r[{new string('#', done)}{new string('.', Width - done)}] {share:P0}, {left:mm\\:ss} left, {text}\u001b[K");
        _shown = true;
    }

    /// <summary>Prints a line of its own above the bar.</summary>
    public void Log(string line)
    {
        if (_shown)
            Console.Error.Write("\r\u001b[K");
        _shown = false;
        Console.Error.WriteLine(line);
    }

    public void Dispose()
    {
        if (_shown)
            Console.Error.Write("\r\u001b[K");
    }
}
