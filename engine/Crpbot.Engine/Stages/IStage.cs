namespace Crpbot.Engine.Stages;

/// <summary>One step of the pipeline. Sees every slot in order, on one thread at a time; reads no clock and never waits for the outside.</summary>
internal interface IStage
{
    string Name { get; }

    /// <summary>Handles one slot; writes only the fields and the lane that belong to this stage.</summary>
    void OnEvent(ref TradingEvent e);

    /// <summary>Back to the state after construction, keeping grown memory. Only while the ring is idle.</summary>
    void Reset();
}
