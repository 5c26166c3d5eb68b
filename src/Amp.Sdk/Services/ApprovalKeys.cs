using System.Security.Cryptography;

namespace Amp.Services;

/// <summary>The secrets of one run's channel, which are only in this process and in the run's private folder.</summary>
/// <param name="Question">Lets its holder ask.</param>
/// <param name="Consent">
/// What the session answers for a yes. Whoever knows only the port and waits there for questions, when the session is gone, does not
/// know it.
/// </param>
internal sealed record ApprovalKeys(string Question, string Consent)
{
    public static ApprovalKeys Create() => new(Random(), Random());

    private static string Random() => Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
}
