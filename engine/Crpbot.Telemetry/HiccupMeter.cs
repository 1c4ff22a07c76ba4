namespace Crpbot.Telemetry;

/// <summary>Measures what the machine itself adds: a thread that sleeps one millisecond at a time and records how much later it wakes.</summary>
/// <remarks>
/// Pauses of the collector, the scheduler or the host show here as in any other thread, so a latency report can tell the engine's stalls from the
/// machine's. A stall is charged to every wake it delayed, at the intended interval. Source: G. Tene, jHiccup.
/// </remarks>
public sealed class HiccupMeter : IDisposable
{
    private const long IntervalNanos = 1_000_000;

    private readonly LatencyRecorder _recorder;
    private readonly Thread _thread;
    private bool _stopped;

    public HiccupMeter(string stage = "machine-hiccup")
    {
        _recorder = new LatencyRecorder(stage);
        _thread = new Thread(Run) { Name = stage, IsBackground = true, Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    public LatencyHistogram Snapshot() => _recorder.Snapshot();

    /// <summary>Stops the thread and waits for it.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _stopped, true);
        _thread.Join();
    }

    /// <summary>Records a delay and those of the wakes that fell into it.</summary>
    internal static void RecordStall(LatencyRecorder recorder, long lateNanos)
    {
        for (long late = lateNanos; late >= 0; late -= IntervalNanos)
            recorder.Record(late);
    }

    private void Run()
    {
        // The least sleep seen is the system's own grain, and no hiccup.
        long grain = long.MaxValue;
        while (!Volatile.Read(ref _stopped))
        {
            long start = MonotonicClock.Now();
            Thread.Sleep(1);
            long slept = MonotonicClock.NanosBetween(start, MonotonicClock.Now());
            grain = Math.Min(grain, slept);
            RecordStall(_recorder, slept - grain);
        }
    }
}
