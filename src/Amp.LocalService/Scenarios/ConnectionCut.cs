namespace Amp.LocalService.Scenarios;

/// <summary>Where the connection is broken off.</summary>
public enum ConnectionCut
{
    /// <summary>Before a byte of the answer.</summary>
    Before,

    /// <summary>After the answer's headers.</summary>
    Headers,

    /// <summary>In the middle of the last block.</summary>
    Middle,
}
