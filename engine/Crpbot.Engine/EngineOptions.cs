using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Execution;
using Crpbot.Execution.Signals;
using Crpbot.Inference;
using Crpbot.Risk;

namespace Crpbot.Engine;

/// <summary>How an engine is put together. Immutable; change with <c>with</c>.</summary>
public sealed record EngineOptions
{
    public required InstrumentTable Instruments { get; init; }

    public PipelineDepth Depth { get; init; } = PipelineDepth.All;

    public ThreadLayout Layout { get; init; } = ThreadLayout.Inline;

    /// <summary>Slots of 128 bytes; 4,096 of them stay within a core's second-level cache.</summary>
    public int RingSize { get; init; } = 4096;

    /// <summary>Rows, predictions, signals and records in flight; one slot may yield a row an Instrument and a fill a book level.</summary>
    public int LaneCapacity { get; init; } = 1024;

    /// <summary>Loaded and verified; null stops the pipeline after the feature rows.</summary>
    public ModelPackage? Model { get; init; }

    public SignalOptions Signals { get; init; } = new();

    public ExecutionOptions Execution { get; init; } = new();

    public RiskLimits Limits { get; init; } = RiskPresets.Ftmo2Step;

    /// <summary>Fills and closed positions kept for <see cref="TradingEngine.Ledger"/>.</summary>
    public int LedgerCapacity { get; init; }

    /// <summary>Receives every live event; the caller completes and disposes it after the engine.</summary>
    public CaptureWriter? Record { get; init; }

    /// <summary>What an account must not forget; null keeps nothing, as a replay should.</summary>
    public IRiskStateStore? RiskState { get; init; }

    /// <summary>Where the decision log is written, or null to hash only.</summary>
    public string? DecisionLogPath { get; init; }
}
