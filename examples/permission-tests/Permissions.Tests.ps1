#Requires -Version 7.4
#Requires -Modules Amp, Pester

<#
.SYNOPSIS
    Tests rules for the agent's tools before you use them.
.DESCRIPTION
    The CLI's own engine evaluates the rules. No tool runs, nothing is sent, and your settings are not changed. Run the test with

        Invoke-Pester ./examples/permission-tests

    and add a similar file for the rules of your scheduled tasks.
#>

BeforeAll {
    # A nightly task can read files and run Git, except git push, and nothing else.
    $rules = @(
        New-AmpPermission Bash Reject -Match @{ cmd = '/\bgit\s+push\b/', '*--force*' } -Message 'Pushing is for people.'
        New-AmpPermission Bash Allow -Match @{ cmd = '/^git (status|log|diff)\b[^;&|<>$`\n]*$/' }
        New-AmpPermission Read, Grep, glob Allow
        New-AmpPermission '*' Reject
    )
}

Describe 'The rules of the nightly task' {
    It 'allow <_>' -ForEach 'git status', 'git log --oneline -5', 'git diff HEAD~1' {
        (Test-AmpPermission Bash @{ cmd = $_ } -Permission $rules).IsAllowed | Should -BeTrue
    }

    It 'reject <_>' -ForEach 'git push', 'git  push --force', 'rm -rf /', 'git status; rm -rf /', 'git log | sh' {
        (Test-AmpPermission Bash @{ cmd = $_ } -Permission $rules).Action | Should -Be Reject
    }

    It 'say why pushing is rejected' {
        $decision = Test-AmpPermission Bash @{ cmd = 'git push' } -Permission $rules

        $decision.Index | Should -Be 0
        $decision.Message | Should -Be 'Pushing is for people.'
    }

    It 'reject every tool that they do not name, those of MCP servers among them' {
        $decisions = Test-AmpPermission create_file, mcp__github__merge, no_such_tool -Permission $rules

        $decisions.Action | Select-Object -Unique | Should -Be Reject
        $decisions.Rule.Tool | Select-Object -Unique | Should -Be '*'
    }
}
