#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe "A thread of the real CLI$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
        $first = Invoke-AmpAgent 'the first question' @call
        $threadId = $first[0].ThreadId

        # A session of its own, as of somebody who opens another console.
        function Invoke-InFreshSession([string] $Script, [hashtable] $Call) {
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript('Import-Module $args[0]').AddArgument((Get-AmpTestLayout).Module).Invoke()
                $shell.Commands.Clear()
                $output = $shell.AddScript('$call = $args[0]; ' + $Script).AddArgument($Call).Invoke()
                [pscustomobject]@{ Output = $output; Warnings = @($shell.Streams.Warning); Errors = @($shell.Streams.Error) }
            } finally {
                $shell.Dispose()
            }
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'is continued by its ID: the model gets what was said before' {
        $messages = Invoke-AmpAgent 'by ID' @call -ThreadId $threadId -WarningVariable warnings

        $messages.ThreadId | Select-Object -Unique | Should -Be $threadId
        $messages[-1].Result | Should -Be 'Echo: by ID'
        (Get-AmpModelRequest $service)[-1].prompts | Should -Be 'the first question', 'by ID'
        $warnings | Should -BeNullOrEmpty
    }

    It 'is continued by its URL' {
        $messages = Invoke-AmpAgent 'by URL' @call -ThreadId "https://ampcode.com/threads/$threadId"

        $messages[0].ThreadId | Should -Be $threadId
        (Get-AmpModelRequest $service)[-1].prompts[0] | Should -Be 'the first question'
    }

    It 'is continued by -ContinueThread in the session that ran it, whatever the CLI used in between' {
        $here = (Invoke-AmpAgent 'run here' @call)[0].ThreadId
        $other = Invoke-InFreshSession 'Invoke-AmpAgent "run elsewhere" @call' $call
        $other.Output[0].ThreadId | Should -Not -Be $here

        $messages = Invoke-AmpAgent 'and on' @call -ContinueThread -WarningVariable warnings

        $messages[0].ThreadId | Should -Be $here
        (Get-AmpModelRequest $service)[-1].prompts | Should -Be 'run here', 'and on'
        $warnings | Should -BeNullOrEmpty
    }

    It 'is the CLI''s last one in a fresh session, which warns and names it' {
        $last = (Invoke-AmpAgent 'the last of the installation' @call)[0].ThreadId

        $fresh = Invoke-InFreshSession 'Invoke-AmpAgent "and on" @call -ContinueThread' $call

        $fresh.Errors | Should -BeNullOrEmpty
        $fresh.Output[0].ThreadId | Should -Be $last
        $fresh.Warnings.Count | Should -Be 1
        $fresh.Warnings[0].Message | Should -BeLike "*$last*"
    }

    It 'is one for all prompts that are piped in with -ContinueThread' {
        $fresh = Invoke-InFreshSession '"one", "two" | Invoke-AmpAgent @call -ContinueThread' $call

        $fresh.Output.ThreadId | Select-Object -Unique | Should -HaveCount 1
        $fresh.Warnings.Count | Should -Be 1 -Because 'from the second prompt on it is this session''s own thread'
        (Get-AmpModelRequest $service)[-1].prompts[-2, -1] | Should -Be 'one', 'two'
    }

    It 'that nobody knows is an error with the ID in it' {
        $unknown = 'T-00000000-0000-4000-8000-000000000000'
        $messages = Invoke-AmpAgent 'hello' @call -ThreadId $unknown -ErrorVariable errors -ErrorAction SilentlyContinue

        $messages | Should -BeNullOrEmpty
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -Be 'ThreadNotFound,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $errors[0].Exception.Message | Should -BeLike "*$unknown*"
        $errors[0].TargetObject | Should -Be $unknown
        $errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'of a run that failed is the one that -ContinueThread takes' {
        $failed = Invoke-AmpAgent 'RUN:Bash {"cmd":"git push"}END' @call -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].Exception.ThreadId | Should -Be $failed[0].ThreadId

        # The CLI asks for the same approval again.
        $messages = Invoke-AmpAgent 'and on' @call -ContinueThread -ErrorAction SilentlyContinue

        $messages[0].ThreadId | Should -Be $failed[0].ThreadId
    }
}
