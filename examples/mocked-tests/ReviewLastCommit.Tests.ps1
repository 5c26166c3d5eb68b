#Requires -Version 7.4
#Requires -Modules Amp, Pester

<#
.SYNOPSIS
    Tests review-last-commit.ps1 with a mocked agent.
.DESCRIPTION
    Use-AmpReplay answers the runs of the script. The test requires no CLI and no key, and sends nothing. The functions of the script that are tools of the
    agent are called with the arguments in the mock. Run the test with

        Invoke-Pester ./examples/mocked-tests

    and add a similar file for each script that runs the agent.
#>

BeforeAll {
    $script = Join-Path $PSScriptRoot '../review-last-commit.ps1'

    # Replaces Git, from which the script reads the commit.
    function git {
        $global:LASTEXITCODE = $args -contains 'no-such-commit^{commit}' ? 1 : 0
        $args -contains 'rev-parse' ? 'c0ffee' : '+ Invoke-WebRequest $url -SkipCertificateCheck'
    }

    # A call of the function that is a tool of the agent.
    function Get-Note([hashtable] $Finding) {
        @{ Name = 'Add-Finding'; Input = $Finding }
    }
}

Describe 'review-last-commit.ps1' {
    Context 'when the agent finds something bad' {
        BeforeAll {
            $replay = Use-AmpReplay -Mock (New-AmpMock 'Review the commit below*' 'Not to be merged.' -ToolUse @(
                    Get-Note @{ File = 'fetch.ps1'; Line = 1; Severity = 'high'; Text = 'Certificates are not checked.' }
                    Get-Note @{ File = 'fetch.ps1'; Severity = 'fatal'; Text = 'There is no such severity.' }
                    Get-Note @{ File = 'fetch.ps1'; Severity = 'low'; Text = 'The address is fixed.' }
                ))
            $findings = & $script
            $exitCode = $LASTEXITCODE
        }

        AfterAll { Stop-AmpReplay }

        It 'returns the findings that are complete, and fails the pipeline' {
            $findings.Severity | Should -Be 'high', 'low'
            $findings[0].Line | Should -Be 1
            $exitCode | Should -Be 1
        }

        It 'asks once, with the commit and with rules that let the agent only read' {
            $replay.CallCount | Should -Be 1
            $replay.Calls[0].Prompt | Should -BeLike '*SkipCertificateCheck*'
            $replay.Calls[0].Options.DangerouslyAllowAll | Should -BeFalse
            $replay.Calls[0].Options.Permissions.Tool | Should -Contain 'mcp__ps__Add_Finding'
        }
    }

    It 'succeeds if there is nothing to say' {
        Use-AmpReplay -Mock (New-AmpMock -Text 'It may be merged.') { & $script } | Should -BeNullOrEmpty
        $LASTEXITCODE | Should -Be 0
    }

    It 'says that there is no review if <What>' -ForEach @(
        @{ What = 'the service is overloaded'; Mock = @{ Fails = '529 overloaded_error' }; Said = '*There is no review*overloaded*' }
        @{ What = 'the agent stops in the middle'; Mock = @{ Text = '' }; Said = '*is not whole*' }
    ) {
        $mock = New-AmpMock @Mock
        Use-AmpReplay -Mock $mock { & $script 3>$null } 2>&1 | Should -BeLike $Said
        $LASTEXITCODE | Should -Be 2
    }

    It 'asks nobody about a commit that does not exist' {
        $replay = Use-AmpReplay -Mock (New-AmpMock)
        try { & $script no-such-commit 2>$null } finally { Stop-AmpReplay -WarningAction Ignore }
        $replay.CallCount | Should -Be 0
        $LASTEXITCODE | Should -Be 2
    }
}
