using Crpbot.Datasets.Download;
using Spectre.Console;

namespace Crpbot.Cli;

/// <summary>A bar with rate and time left on stderr; nothing where stderr is no terminal.</summary>
internal static class DownloadProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    public static async Task<T> ShowAsync<T>(DownloadMeter meter, Func<Task<T>> work)
    {
        if (Console.IsErrorRedirected)
            return await work().ConfigureAwait(false);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true).HideCompleted(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => WatchAsync(context, meter, work)).ConfigureAwait(false);
    }

    private static async Task<T> WatchAsync<T>(ProgressContext context, DownloadMeter meter, Func<Task<T>> work)
    {
        ProgressTask bar = context.AddTask("looking", autoStart: true, maxValue: 1);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Task<T> running = work();
        while (await Task.WhenAny(running, Task.Delay(Interval)).ConfigureAwait(false) != running)
        {
            bar.MaxValue = Math.Max(1, meter.Total);
            bar.Value = meter.Done;
            bar.Description = $"{meter.Done:N0} of {meter.Total:N0}  {meter.Bytes / 1e6:N1} MB  {meter.Bytes / 1e6 / clock.Elapsed.TotalSeconds:N1} MB/s";
        }

        return await running.ConfigureAwait(false);
    }
}
