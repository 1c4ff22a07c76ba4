namespace Crpbot.Engine;

/// <summary>Which thread runs which stage. Decisions are the same in all of them.</summary>
public enum ThreadLayout
{
    /// <summary>The receiving thread runs every stage.</summary>
    Inline,

    /// <summary>One thread receives, one decides.</summary>
    Split,

    /// <summary>One thread a stage.</summary>
    Full,
}

/// <summary>How far the pipeline goes.</summary>
public enum PipelineDepth
{
    /// <summary>Parse and keep books.</summary>
    Book,

    /// <summary>Up to feature rows.</summary>
    Features,

    /// <summary>Up to orders and fills.</summary>
    All,
}
